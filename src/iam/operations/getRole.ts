import type { GetRoleRequest, GetRoleResponse } from "@aws-sdk/client-iam";
import { authorizedEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { wholeRole } from "../role.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html */
export const getRole: IamOperation<GetRoleRequest, GetRoleResponse> = {
  name: "GetRole",
  async run(call, input) {
    const role = await authorizedEntity(call, "GetRole", "role", input.RoleName as string);
    return { Role: await wholeRole(call.iam.identities, role) };
  },
};
