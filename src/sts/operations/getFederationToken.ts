import type { GetFederationTokenRequest, GetFederationTokenResponse } from "@aws-sdk/client-sts";
import { tagConditions } from "../../iam/authorize.ts";
import type { IamOperation } from "../../iam/operation.ts";
import { newTags } from "../../iam/tag.ts";
import { authorize, requireLongTermCredentials } from "../authorize.ts";
import { userSessionDuration } from "../duration.ts";
import { newCredentials } from "../session.ts";
import { packedPolicySize, sessionPolicies } from "../sessionPolicy.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html */
export const getFederationToken: IamOperation<GetFederationTokenRequest, GetFederationTokenResponse> = {
  name: "GetFederationToken",
  async run(call, input) {
    requireLongTermCredentials(call, "GetFederationToken");
    const { account, entity } = call.principal;
    const name = input.Name as string;
    const arn = `arn:aws:sts::${account}:federated-user/${name}`;
    const conditions = input.Tags?.length ? tagConditions(input.Tags) : undefined;
    authorize(call, "GetFederationToken", arn, conditions);
    if (conditions !== undefined) authorize(call, "TagSession", arn, conditions);
    const tags = newTags("session", input.Tags);
    const policies = await sessionPolicies(call.iam, account, input);
    const size = packedPolicySize(policies, tags) ?? 0;
    const session = {
      type: "GetFederationToken",
      account,
      ...(entity !== undefined && { entityId: entity.id }),
      name,
      tags,
      transitiveTagKeys: [],
      ...policies,
    } as const;
    return {
      Credentials: newCredentials(call.iam, session, userSessionDuration(call.principal, input.DurationSeconds)),
      FederatedUser: { FederatedUserId: `${account}:${name}`, Arn: arn },
      PackedPolicySize: size,
    };
  },
};
