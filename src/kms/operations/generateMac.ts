import type { GenerateMacRequest, GenerateMacResponse, MacAlgorithmSpec } from "@aws-sdk/client-kms";
import { DryRunOperationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { macConditions } from "../mac.ts";
import { keyOperation, used } from "../operation.ts";
import { macOf, requireMacAlgorithm, requireUsage } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html */
export const generateMac = keyOperation<GenerateMacRequest, GenerateMacResponse>({
  name: "GenerateMac",
  aliases: true,
  conditions: macConditions,
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    requireUsage(key, "GENERATE_VERIFY_MAC", "GenerateMac");
    const hash = requireMacAlgorithm(key, input.MacAlgorithm as MacAlgorithmSpec);
    requireState(key.record, "GenerateMac");
    if (input.DryRun) throw new DryRunOperationException();
    used(call, key, "GenerateMac");
    return {
      KeyId: key.arn,
      Mac: macOf(key).mac(hash, input.Message as Uint8Array),
      MacAlgorithm: input.MacAlgorithm,
    };
  },
});
