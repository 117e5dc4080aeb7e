import type { ListAccessKeysRequest, ListAccessKeysResponse } from "@aws-sdk/client-iam";
import { authorizedUserOrRoot } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfList } from "../page.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html */
export const listAccessKeys: IamOperation<ListAccessKeysRequest, ListAccessKeysResponse> = {
  name: "ListAccessKeys",
  async run(call, input) {
    const user = await authorizedUserOrRoot(call, "ListAccessKeys", input.UserName);
    const keys = await call.iam.store.accessKeysOf(call.principal.account, user?.id ?? null);
    const { items, ...end } = pageOfList("ListAccessKeys", keys, input, ({ id }) => id);
    return {
      AccessKeyMetadata: items.map(({ id, status, createdAt }) => ({
        UserName: user?.name,
        AccessKeyId: id,
        Status: status,
        CreateDate: new Date(createdAt),
      })),
      ...end,
    };
  },
};
