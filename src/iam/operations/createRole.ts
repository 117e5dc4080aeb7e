import type { CreateRoleRequest, CreateRoleResponse } from "@aws-sdk/client-iam";
import { authorize, tagConditions } from "../authorize.ts";
import { attachedBoundary, boundaryConditions, requireBoundary } from "../boundary.ts";
import { nameKey, putEntity, uniqueId } from "../entities.ts";
import type { RoleRecord } from "../entity.ts";
import { entityAlreadyExists } from "../errors.ts";
import { newResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requirePath } from "../path.ts";
import { requireQuota } from "../quota.ts";
import { basicRole, DEFAULT_SESSION_DURATION, statedDescription } from "../role.ts";
import { newTags } from "../tag.ts";
import { resolvedTrust } from "../trust.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export const createRole: IamOperation<CreateRoleRequest, CreateRoleResponse> = {
  name: "CreateRole",
  async run(call, input) {
    const { account } = call.principal;
    const { identities, store } = call.iam;
    const name = input.RoleName as string;
    const path = requirePath(input.Path);
    const resource = newResource(call, "role", path, name);
    const tagged = tagConditions(input.Tags);
    const bounded = boundaryConditions(input.PermissionsBoundary);
    authorize(call, "CreateRole", resource, (key) => tagged(key) ?? bounded(key));
    if (input.Tags?.length) authorize(call, "TagRole", resource, tagged);
    const trust = await resolvedTrust(identities, input.AssumeRolePolicyDocument as string);
    const role = await store.transaction(async (transaction) => {
      if (await transaction.entityNamed(account, "role", nameKey("role", name))) {
        throw entityAlreadyExists(`Role with name ${name} already exists.`);
      }
      const boundary = input.PermissionsBoundary;
      const created: RoleRecord = {
        kind: "role",
        id: uniqueId("role"),
        account,
        name,
        path,
        createdAt: call.iam.clock(),
        policies: {},
        attached: [],
        tags: newTags("role", input.Tags),
        boundary: boundary === undefined ? null : await requireBoundary(transaction, account, boundary),
        trust,
        description: statedDescription(input.Description),
        maxSessionDuration: input.MaxSessionDuration ?? DEFAULT_SESSION_DURATION,
      };
      requireQuota("RolesPerAccount", await transaction.countEntities(account, "role"));
      await putEntity(transaction, created);
      return created;
    });
    const boundary = attachedBoundary(role.boundary);
    return {
      Role: {
        ...(await basicRole(identities, role)),
        ...(boundary !== undefined && { PermissionsBoundary: boundary }),
        ...(role.tags.length > 0 && { Tags: [...role.tags] }),
      },
    };
  },
};
