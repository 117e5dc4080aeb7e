import type { DeleteOpenIDConnectProviderRequest } from "@aws-sdk/client-iam";
import { authorizedProvider, currentProvider, providerNotDeletable } from "../oidcProvider.ts";
import type { IamOperation } from "../operation.ts";

/** Roles that trust it stay. https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html */
export const deleteOpenIDConnectProvider: IamOperation<DeleteOpenIDConnectProviderRequest, void> = {
  name: "DeleteOpenIDConnectProvider",
  async run(call, input) {
    const arn = input.OpenIDConnectProviderArn as string;
    const absent = providerNotDeletable;
    const found = await authorizedProvider(call, "DeleteOpenIDConnectProvider", arn, { absent });
    await call.iam.store.transaction(async (transaction) => {
      await transaction.deleteEntity(await currentProvider(transaction, found, absent));
    });
  },
};
