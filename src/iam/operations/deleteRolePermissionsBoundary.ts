import type { DeleteRolePermissionsBoundaryRequest } from "@aws-sdk/client-iam";
import { noSuchBoundary } from "../boundary.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html */
export const deleteRolePermissionsBoundary: IamOperation<DeleteRolePermissionsBoundaryRequest, void> = {
  name: "DeleteRolePermissionsBoundary",
  async run(call, input) {
    const found = await authorizedEntity(call, "DeleteRolePermissionsBoundary", "role", input.RoleName as string);
    await changeEntity(call, found, (role) => {
      if (role.boundary === null) throw noSuchBoundary("role", role.name);
      return { ...role, boundary: null };
    });
  },
};
