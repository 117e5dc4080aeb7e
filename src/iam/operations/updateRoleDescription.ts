import type { UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse } from "@aws-sdk/client-iam";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { basicRole, statedDescription } from "../role.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html */
export const updateRoleDescription: IamOperation<UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse> = {
  name: "UpdateRoleDescription",
  async run(call, input) {
    const found = await authorizedEntity(call, "UpdateRoleDescription", "role", input.RoleName as string);
    const description = statedDescription(input.Description);
    const role = await changeEntity(call, found, (current) => ({ ...current, description }));
    return { Role: { ...(await basicRole(call.iam.identities, role)), Description: input.Description } };
  },
};
