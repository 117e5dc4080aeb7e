import type { ListKeysRequest, ListKeysResponse } from "@aws-sdk/client-kms";
import { keyArn } from "../arn.ts";
import { authorizeInAccount } from "../authorize.ts";
import type { Operation } from "../operation.ts";
import { cutPage, listOf, pageOf } from "../page.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html */
export const listKeys: Operation<ListKeysRequest, ListKeysResponse> = {
  name: "ListKeys",
  async run(call, input) {
    authorizeInAccount(call, "ListKeys");
    const { account } = call.principal;
    const { region } = call;
    const list = listOf(call, "ListKeys");
    const { after, limit } = pageOf(list, input, { default: 100, maximum: 1000 });
    const ids = await call.kms.store.keyIds(account, region, { after, limit: limit + 1 });
    const { items, ...end } = cutPage(list, ids, limit, (id) => id);
    return { Keys: items.map((id) => ({ KeyId: id, KeyArn: keyArn({ account, region, id }) })), ...end };
  },
};
