import type { CreateUserRequest, CreateUserResponse } from "@aws-sdk/client-iam";
import { authorize, tagConditions } from "../authorize.ts";
import { boundaryConditions, requireBoundary } from "../boundary.ts";
import { nameKey, putEntity, uniqueId } from "../entities.ts";
import type { UserRecord } from "../entity.ts";
import { entityAlreadyExists } from "../errors.ts";
import { newResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requirePath } from "../path.ts";
import { requireQuota } from "../quota.ts";
import { newTags } from "../tag.ts";
import { wholeUser } from "../user.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html */
export const createUser: IamOperation<CreateUserRequest, CreateUserResponse> = {
  name: "CreateUser",
  async run(call, input) {
    const { account } = call.principal;
    const name = input.UserName as string;
    const path = requirePath(input.Path);
    const resource = newResource(call, "user", path, name);
    const tagged = tagConditions(input.Tags);
    const bounded = boundaryConditions(input.PermissionsBoundary);
    authorize(call, "CreateUser", resource, (key) => tagged(key) ?? bounded(key));
    // Who makes a user with tags also tags it: IAM User Guide, "Tags for AWS Identity and Access Management resources".
    if (input.Tags?.length) authorize(call, "TagUser", resource, tagged);
    const user = await call.iam.store.transaction(async (transaction) => {
      if (await transaction.entityNamed(account, "user", nameKey("user", name))) {
        throw entityAlreadyExists(`User with name ${name} already exists.`);
      }
      const boundary = input.PermissionsBoundary;
      const created: UserRecord = {
        kind: "user",
        id: uniqueId("user"),
        account,
        name,
        path,
        createdAt: call.iam.clock(),
        policies: {},
        attached: [],
        tags: newTags("user", input.Tags),
        boundary: boundary === undefined ? null : await requireBoundary(transaction, account, boundary),
        groups: [],
        loginProfile: null,
        passwordLastUsedAt: null,
      };
      requireQuota("UsersPerAccount", await transaction.countEntities(account, "user"));
      await putEntity(transaction, created);
      return created;
    });
    return { User: { ...wholeUser(user), ...(user.tags.length > 0 && { Tags: [...user.tags] }) } };
  },
};
