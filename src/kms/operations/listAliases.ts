import type { AliasListEntry, ListAliasesRequest, ListAliasesResponse } from "@aws-sdk/client-kms";
import { aliasArn } from "../arn.ts";
import { authorizeInAccount } from "../authorize.ts";
import { predefinedAliases } from "../awsManagedKey.ts";
import { resolveKey } from "../keyReference.ts";
import type { Operation } from "../operation.ts";
import { cutPage, listOf, pageOf } from "../page.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html */
export const listAliases: Operation<ListAliasesRequest, ListAliasesResponse> = {
  name: "ListAliases",
  async run(call, input) {
    const { account } = call.principal;
    const { region } = call;
    authorizeInAccount(call, "ListAliases");
    const key = input.KeyId === undefined ? undefined : await resolveKey(call, input.KeyId, { name: "ListAliases" });
    const keyId = key?.record.id;
    const list = listOf(call, "ListAliases", key?.arn);
    const { after, limit } = pageOf(list, input, { default: 50, maximum: 100 });
    const aliases = await call.kms.store.aliases(account, region, keyId, { after, limit: limit + 1 });
    const entries: AliasListEntry[] = aliases.map((alias) => ({
      AliasName: alias.name,
      AliasArn: aliasArn(alias),
      TargetKeyId: alias.keyId,
      CreationDate: new Date(alias.createdAt),
      LastUpdatedDate: new Date(alias.updatedAt),
    }));
    if (keyId === undefined) {
      const names = new Set(aliases.map(({ name }) => name));
      for (const name of predefinedAliases) {
        if (names.has(name) || name <= (after ?? "")) continue;
        entries.push({ AliasName: name, AliasArn: aliasArn({ account, region, name }) });
      }
      entries.sort((a, b) => ((a.AliasName as string) < (b.AliasName as string) ? -1 : 1));
    }
    const { items, ...end } = cutPage(list, entries, limit, (entry) => entry.AliasName as string);
    return { Aliases: items, ...end };
  },
};
