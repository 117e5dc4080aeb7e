import type { UpdateOpenIDConnectProviderThumbprintRequest } from "@aws-sdk/client-iam";
import { invalidInput } from "../errors.ts";
import { authorizedProvider, changeProvider } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";
import { requireQuotaOfThumbprints } from "../quota.ts";

/** Replaces the whole list. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html */
export const updateOpenIDConnectProviderThumbprint: IamOperation<UpdateOpenIDConnectProviderThumbprintRequest, void> = {
  name: "UpdateOpenIDConnectProviderThumbprint",
  async run(call, input) {
    const { OpenIDConnectProviderArn: arn = "", ThumbprintList: thumbprints = [] } = input;
    const found = await authorizedProvider(call, "UpdateOpenIDConnectProviderThumbprint", arn);
    if (thumbprints.length === 0) throw invalidInput("Thumbprint list must contain at least one entry.");
    requireQuotaOfThumbprints(thumbprints.length);
    await changeProvider(call, found, (provider) => ({ ...provider, thumbprints }));
  },
};
