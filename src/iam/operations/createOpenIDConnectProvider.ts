import { randomUUID } from "node:crypto";
import type { CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse } from "@aws-sdk/client-iam";
import { authorize, entityArn, tagConditions } from "../authorize.ts";
import { putEntity } from "../entities.ts";
import type { OidcProviderRecord } from "../entity.ts";
import { entityAlreadyExists, quotaExceeded } from "../errors.ts";
import { newResource } from "../named.ts";
import { providerName } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";
import { quotas, requireQuota, requireQuotaOfThumbprints } from "../quota.ts";
import { newTags } from "../tag.ts";
import { fetchedThumbprint } from "../thumbprint.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
export const createOpenIDConnectProvider: IamOperation<
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse
> = {
  name: "CreateOpenIDConnectProvider",
  async run(call, input) {
    const { account } = call.principal;
    const { store } = call.iam;
    const { Url: url = "", ClientIDList: clientIds = [], ThumbprintList: given = [] } = input;
    const name = providerName(url);
    const resource = newResource(call, "oidcProvider", "/", name);
    const conditions = tagConditions(input.Tags);
    authorize(call, "CreateOpenIDConnectProvider", resource, conditions);
    if (input.Tags?.length) authorize(call, "TagOpenIDConnectProvider", resource, conditions);
    const requireNew = async (reader: Pick<typeof store, "entityNamed">) => {
      if (await reader.entityNamed(account, "oidcProvider", name)) {
        throw entityAlreadyExists(`Provider with url ${url} already exists.`);
      }
    };
    await requireNew(store);
    const tags = newTags("oidcProvider", input.Tags);
    requireQuotaOfThumbprints(given.length);
    const limit = quotas.ClientIdsPerOpenIdConnectProvider;
    if (clientIds.length > limit) throw quotaExceeded("ClientIdsPerOpenIdConnectProvider", limit);
    const thumbprints = given.length > 0 ? given : [await fetchedThumbprint(url)];
    const provider: OidcProviderRecord = {
      kind: "oidcProvider",
      id: randomUUID(),
      account,
      name,
      path: "/",
      createdAt: call.iam.clock(),
      clientIds: [...new Set(clientIds)],
      thumbprints,
      tags,
    };
    await store.transaction(async (transaction) => {
      await requireNew(transaction);
      requireQuota("OpenIdConnectProvidersPerAccount", await transaction.countEntities(account, "oidcProvider"));
      await putEntity(transaction, provider);
    });
    return { OpenIDConnectProviderArn: entityArn(provider), ...(tags.length > 0 && { Tags: tags }) };
  },
};
