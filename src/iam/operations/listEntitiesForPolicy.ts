import type { ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse } from "@aws-sdk/client-iam";
import type { Reader } from "../../store/store.ts";
import { link } from "../entities.ts";
import type { Entity } from "../entity.ts";
import { authorizedPolicy, policyNotAttachable } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfScan } from "../page.ts";
import { underPath } from "../path.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html */
export const listEntitiesForPolicy: IamOperation<ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse> = {
  name: "ListEntitiesForPolicy",
  async run(call, input) {
    const arn = input.PolicyArn as string;
    await authorizedPolicy(call, "ListEntitiesForPolicy", arn, { absent: policyNotAttachable });
    const { account } = call.principal;
    const { EntityFilter, PolicyUsageFilter } = input;
    const links = [
      ...(PolicyUsageFilter === "PermissionsBoundary" ? [] : [link.attached(account, arn)]),
      ...(PolicyUsageFilter === "PermissionsPolicy" ? [] : [link.boundary(account, arn)]),
    ];
    const under = underPath(input.PathPrefix);
    const { items, ...end } = await pageOfScan(
      "ListEntitiesForPolicy",
      input,
      ({ id }: Entity) => id,
      (entity) => under(entity) && (EntityFilter === undefined || EntityFilter.toLowerCase() === entity.kind),
      (after, limit) => linked(call.iam.store, links, after, limit),
    );
    return {
      PolicyGroups: of(items, "group").map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of(items, "user").map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of(items, "role").map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...end,
    };
  },
};

function of(entities: readonly Entity[], kind: "group" | "user" | "role"): Entity[] {
  return entities.filter((entity) => entity.kind === kind);
}

/** Who refers to a policy in any of these ways, sorted by their ids, each once. */
async function linked(
  reader: Reader,
  links: readonly string[],
  after: string | undefined,
  limit: number,
): Promise<Entity[]> {
  const found = new Map<string, Entity>();
  for (const one of links) {
    for (const entity of await reader.entitiesLinked(one, { after, limit })) found.set(entity.id, entity);
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
}
