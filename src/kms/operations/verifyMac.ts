import { timingSafeEqual } from "node:crypto";
import type { MacAlgorithmSpec, VerifyMacRequest, VerifyMacResponse } from "@aws-sdk/client-kms";
import { DryRunOperationException, KMSInvalidMacException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { macConditions } from "../mac.ts";
import { keyOperation, used } from "../operation.ts";
import { macOf, requireMacAlgorithm, requireUsage } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html: a MAC that does not verify is an exception, never a false. */
export const verifyMac = keyOperation<VerifyMacRequest, VerifyMacResponse>({
  name: "VerifyMac",
  aliases: true,
  conditions: macConditions,
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    requireUsage(key, "GENERATE_VERIFY_MAC", "VerifyMac");
    const hash = requireMacAlgorithm(key, input.MacAlgorithm as MacAlgorithmSpec);
    requireState(key.record, "VerifyMac");
    const expected = macOf(key).mac(hash, input.Message as Uint8Array);
    const given = input.Mac as Uint8Array;
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new KMSInvalidMacException();
    if (input.DryRun) throw new DryRunOperationException();
    used(call, key, "VerifyMac");
    return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
  },
});
