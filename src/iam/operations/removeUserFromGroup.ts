import type { RemoveUserFromGroupRequest } from "@aws-sdk/client-iam";
import { authorizedMembership } from "../membership.ts";
import { changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html */
export const removeUserFromGroup: IamOperation<RemoveUserFromGroupRequest, void> = {
  name: "RemoveUserFromGroup",
  async run(call, input) {
    const found = await authorizedMembership(call, "RemoveUserFromGroup", input);
    await changeEntity(call, found.user, (user) => ({
      ...user,
      groups: user.groups.filter((id) => id !== found.group.id),
    }));
  },
};
