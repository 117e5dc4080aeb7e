import type { ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse } from "@aws-sdk/client-iam";
import { authorize, entityArn } from "../authorize.ts";
import { newResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { quotas } from "../quota.ts";

/** All at once: there are no more than the quota. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html */
export const listOpenIDConnectProviders: IamOperation<
  ListOpenIDConnectProvidersRequest,
  ListOpenIDConnectProvidersResponse
> = {
  name: "ListOpenIDConnectProviders",
  async run(call) {
    authorize(call, "ListOpenIDConnectProviders", newResource(call, "oidcProvider", "/", "*"));
    const page = { after: undefined, limit: quotas.OpenIdConnectProvidersPerAccount };
    const providers = await call.iam.store.entities(call.principal.account, "oidcProvider", page);
    return { OpenIDConnectProviderList: providers.map((provider) => ({ Arn: entityArn(provider) })) };
  },
};
