import type { GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse } from "@aws-sdk/client-iam";
import { authorizedProvider } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";
import { sortedTags } from "../tag.ts";

/** The URL comes back without its scheme. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html */
export const getOpenIDConnectProvider: IamOperation<GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse> =
  {
    name: "GetOpenIDConnectProvider",
    async run(call, input) {
      const arn = input.OpenIDConnectProviderArn as string;
      const { name, clientIds, thumbprints, createdAt, tags } = await authorizedProvider(
        call,
        "GetOpenIDConnectProvider",
        arn,
      );
      return {
        Url: name,
        ClientIDList: [...clientIds],
        ThumbprintList: [...thumbprints],
        CreateDate: new Date(createdAt),
        Tags: sortedTags(tags),
      };
    },
  };
