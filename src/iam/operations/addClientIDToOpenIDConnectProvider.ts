import type { AddClientIDToOpenIDConnectProviderRequest } from "@aws-sdk/client-iam";
import { authorizedProvider, changeProvider } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";
import { requireQuota } from "../quota.ts";

/** What is there already stays so. https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html */
export const addClientIDToOpenIDConnectProvider: IamOperation<AddClientIDToOpenIDConnectProviderRequest, void> = {
  name: "AddClientIDToOpenIDConnectProvider",
  async run(call, input) {
    const { OpenIDConnectProviderArn: arn = "", ClientID: clientId = "" } = input;
    const found = await authorizedProvider(call, "AddClientIDToOpenIDConnectProvider", arn);
    await changeProvider(call, found, (provider) => {
      if (provider.clientIds.includes(clientId)) return provider;
      requireQuota("ClientIdsPerOpenIdConnectProvider", provider.clientIds.length);
      return { ...provider, clientIds: [...provider.clientIds, clientId] };
    });
  },
};
