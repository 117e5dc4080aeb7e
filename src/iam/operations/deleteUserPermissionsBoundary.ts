import type { DeleteUserPermissionsBoundaryRequest } from "@aws-sdk/client-iam";
import { noSuchBoundary } from "../boundary.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html */
export const deleteUserPermissionsBoundary: IamOperation<DeleteUserPermissionsBoundaryRequest, void> = {
  name: "DeleteUserPermissionsBoundary",
  async run(call, input) {
    const found = await authorizedEntity(call, "DeleteUserPermissionsBoundary", "user", input.UserName as string);
    await changeEntity(call, found, (user) => {
      if (user.boundary === null) throw noSuchBoundary("user", user.name);
      return { ...user, boundary: null };
    });
  },
};
