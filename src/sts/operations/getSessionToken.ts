import type { GetSessionTokenRequest, GetSessionTokenResponse } from "@aws-sdk/client-sts";
import type { IamOperation } from "../../iam/operation.ts";
import { requireLongTermCredentials } from "../authorize.ts";
import { userSessionDuration } from "../duration.ts";
import { verifiedMfa } from "../mfa.ts";
import { newCredentials } from "../session.ts";

/** Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
export const getSessionToken: IamOperation<GetSessionTokenRequest, GetSessionTokenResponse> = {
  name: "GetSessionToken",
  async run(call, input) {
    requireLongTermCredentials(call, "GetSessionToken");
    const mfaAt = await verifiedMfa(call, input);
    const { account, entity } = call.principal;
    const session = {
      type: "GetSessionToken",
      account,
      ...(entity !== undefined && { entityId: entity.id }),
      name: "",
      mfaAt: mfaAt ?? null,
      tags: [],
      transitiveTagKeys: [],
    } as const;
    return {
      Credentials: newCredentials(call.iam, session, userSessionDuration(call.principal, input.DurationSeconds)),
    };
  },
};
