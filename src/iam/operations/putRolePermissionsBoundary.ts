import type { PutRolePermissionsBoundaryRequest } from "@aws-sdk/client-iam";
import { boundaryConditions, requireBoundary } from "../boundary.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html */
export const putRolePermissionsBoundary: IamOperation<PutRolePermissionsBoundaryRequest, void> = {
  name: "PutRolePermissionsBoundary",
  async run(call, input) {
    const arn = input.PermissionsBoundary as string;
    const conditions = boundaryConditions(arn);
    const found = await authorizedEntity(
      call,
      "PutRolePermissionsBoundary",
      "role",
      input.RoleName as string,
      conditions,
    );
    await changeEntity(call, found, async (role, transaction) => ({
      ...role,
      boundary: await requireBoundary(transaction, role.account, arn),
    }));
  },
};
