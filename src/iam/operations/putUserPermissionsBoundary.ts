import type { PutUserPermissionsBoundaryRequest } from "@aws-sdk/client-iam";
import { boundaryConditions, requireBoundary } from "../boundary.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html */
export const putUserPermissionsBoundary: IamOperation<PutUserPermissionsBoundaryRequest, void> = {
  name: "PutUserPermissionsBoundary",
  async run(call, input) {
    const arn = input.PermissionsBoundary as string;
    const conditions = boundaryConditions(arn);
    const found = await authorizedEntity(
      call,
      "PutUserPermissionsBoundary",
      "user",
      input.UserName as string,
      conditions,
    );
    await changeEntity(call, found, async (user, transaction) => ({
      ...user,
      boundary: await requireBoundary(transaction, user.account, arn),
    }));
  },
};
