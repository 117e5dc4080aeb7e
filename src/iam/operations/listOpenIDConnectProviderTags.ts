import type { ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse } from "@aws-sdk/client-iam";
import { authorizedProvider } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";
import { tagPage } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviderTags.html */
export const listOpenIDConnectProviderTags: IamOperation<
  ListOpenIDConnectProviderTagsRequest,
  ListOpenIDConnectProviderTagsResponse
> = {
  name: "ListOpenIDConnectProviderTags",
  async run(call, input) {
    const arn = input.OpenIDConnectProviderArn as string;
    const provider = await authorizedProvider(call, "ListOpenIDConnectProviderTags", arn);
    return tagPage("ListOpenIDConnectProviderTags", provider, input);
  },
};
