import type { ListGroupsRequest, ListGroupsResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { shownGroup } from "../group.ts";
import { listResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfEntities } from "../page.ts";
import { underPath } from "../path.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html */
export const listGroups: IamOperation<ListGroupsRequest, ListGroupsResponse> = {
  name: "ListGroups",
  async run(call, input) {
    const { account } = call.principal;
    authorize(call, "ListGroups", listResource(call, "group", input.PathPrefix));
    const of = { account, kind: "group" } as const;
    const { items, ...end } = await pageOfEntities(
      call.iam.store,
      "ListGroups",
      of,
      input,
      underPath(input.PathPrefix),
    );
    return { Groups: items.map(shownGroup), ...end };
  },
};
