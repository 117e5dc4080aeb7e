import type { ListAccountAliasesRequest, ListAccountAliasesResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { currentAccount } from "../currentAccount.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfList } from "../page.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html */
export const listAccountAliases: IamOperation<ListAccountAliasesRequest, ListAccountAliasesResponse> = {
  name: "ListAccountAliases",
  async run(call, input) {
    authorize(call, "ListAccountAliases", { arn: "*" });
    const { alias } = await currentAccount(call.iam.store, call);
    const aliases = alias === null ? [] : [alias];
    const { items, ...end } = pageOfList("ListAccountAliases", aliases, input, (item) => item);
    return { AccountAliases: items, ...end };
  },
};
