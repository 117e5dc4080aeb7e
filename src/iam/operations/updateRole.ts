import type { UpdateRoleRequest, UpdateRoleResponse } from "@aws-sdk/client-iam";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { statedDescription } from "../role.ts";

/** What is not given stays as it is. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html */
export const updateRole: IamOperation<UpdateRoleRequest, UpdateRoleResponse> = {
  name: "UpdateRole",
  async run(call, input) {
    const found = await authorizedEntity(call, "UpdateRole", "role", input.RoleName as string);
    await changeEntity(call, found, (role) => ({
      ...role,
      description: input.Description === undefined ? role.description : statedDescription(input.Description),
      maxSessionDuration: input.MaxSessionDuration ?? role.maxSessionDuration,
    }));
    return {};
  },
};
