import type { UntagOpenIDConnectProviderRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedProvider, changeProvider } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";
import { withoutTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagOpenIDConnectProvider.html */
export const untagOpenIDConnectProvider: IamOperation<UntagOpenIDConnectProviderRequest, void> = {
  name: "UntagOpenIDConnectProvider",
  async run(call, { OpenIDConnectProviderArn: arn = "", TagKeys = [] }) {
    const conditions = tagConditions(TagKeys.map((Key) => ({ Key })));
    const found = await authorizedProvider(call, "UntagOpenIDConnectProvider", arn, { conditions });
    await changeProvider(call, found, (provider) => ({
      ...provider,
      tags: withoutTags("oidcProvider", provider.tags, TagKeys),
    }));
  },
};
