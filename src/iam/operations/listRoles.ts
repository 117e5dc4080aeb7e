import type { ListRolesRequest, ListRolesResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { listResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfEntities } from "../page.ts";
import { underPath } from "../path.ts";
import { listedRole } from "../role.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
export const listRoles: IamOperation<ListRolesRequest, ListRolesResponse> = {
  name: "ListRoles",
  async run(call, input) {
    const { account } = call.principal;
    const { identities, store } = call.iam;
    authorize(call, "ListRoles", listResource(call, "role", input.PathPrefix));
    const of = { account, kind: "role" } as const;
    const { items, ...end } = await pageOfEntities(store, "ListRoles", of, input, underPath(input.PathPrefix));
    return { Roles: await Promise.all(items.map((role) => listedRole(identities, role))), ...end };
  },
};
