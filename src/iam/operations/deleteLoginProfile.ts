import type { DeleteLoginProfileRequest } from "@aws-sdk/client-iam";
import { requireLoginProfile } from "../loginProfile.ts";
import { authorizedUser, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html */
export const deleteLoginProfile: IamOperation<DeleteLoginProfileRequest, void> = {
  name: "DeleteLoginProfile",
  async run(call, input) {
    const found = await authorizedUser(call, "DeleteLoginProfile", input.UserName);
    await changeEntity(call, found, (user) => {
      requireLoginProfile(user);
      return { ...user, loginProfile: null };
    });
  },
};
