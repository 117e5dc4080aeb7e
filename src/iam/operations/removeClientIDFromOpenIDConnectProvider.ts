import type { RemoveClientIDFromOpenIDConnectProviderRequest } from "@aws-sdk/client-iam";
import { authorizedProvider, changeProvider } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";

/** What is not there need not be. https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html */
export const removeClientIDFromOpenIDConnectProvider: IamOperation<
  RemoveClientIDFromOpenIDConnectProviderRequest,
  void
> = {
  name: "RemoveClientIDFromOpenIDConnectProvider",
  async run(call, input) {
    const { OpenIDConnectProviderArn: arn = "", ClientID: clientId } = input;
    const found = await authorizedProvider(call, "RemoveClientIDFromOpenIDConnectProvider", arn);
    await changeProvider(call, found, (provider) => ({
      ...provider,
      clientIds: provider.clientIds.filter((id) => id !== clientId),
    }));
  },
};
