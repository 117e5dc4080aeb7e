import type { GetLoginProfileRequest, GetLoginProfileResponse } from "@aws-sdk/client-iam";
import { requireLoginProfile, shownLoginProfile } from "../loginProfile.ts";
import { authorizedUser } from "../named.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html */
export const getLoginProfile: IamOperation<GetLoginProfileRequest, GetLoginProfileResponse> = {
  name: "GetLoginProfile",
  async run(call, input) {
    const user = await authorizedUser(call, "GetLoginProfile", input.UserName);
    return { LoginProfile: shownLoginProfile(user, requireLoginProfile(user)) };
  },
};
