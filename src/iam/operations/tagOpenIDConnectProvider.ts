import type { TagOpenIDConnectProviderRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedProvider, changeProvider } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";
import { withTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagOpenIDConnectProvider.html */
export const tagOpenIDConnectProvider: IamOperation<TagOpenIDConnectProviderRequest, void> = {
  name: "TagOpenIDConnectProvider",
  async run(call, { OpenIDConnectProviderArn: arn = "", Tags = [] }) {
    const conditions = tagConditions(Tags);
    const found = await authorizedProvider(call, "TagOpenIDConnectProvider", arn, { conditions });
    await changeProvider(call, found, (provider) => ({
      ...provider,
      tags: withTags("oidcProvider", provider.tags, Tags),
    }));
  },
};
