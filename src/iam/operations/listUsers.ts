import type { ListUsersRequest, ListUsersResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { listResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfEntities } from "../page.ts";
import { underPath } from "../path.ts";
import { listedUser } from "../user.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html */
export const listUsers: IamOperation<ListUsersRequest, ListUsersResponse> = {
  name: "ListUsers",
  async run(call, input) {
    const { account } = call.principal;
    authorize(call, "ListUsers", listResource(call, "user", input.PathPrefix));
    const of = { account, kind: "user" } as const;
    const { items, ...end } = await pageOfEntities(call.iam.store, "ListUsers", of, input, underPath(input.PathPrefix));
    return { Users: items.map(listedUser), ...end };
  },
};
