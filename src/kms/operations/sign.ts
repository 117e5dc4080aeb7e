import type { SigningAlgorithmSpec, SignRequest, SignResponse } from "@aws-sdk/client-kms";
import { DryRunOperationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { keyOperation, used } from "../operation.ts";
import { keyPairOf, requireMessage, requireSigningAlgorithm, requireUsage } from "../requirements.ts";
import { signingConditions } from "../signing.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
export const sign = keyOperation<SignRequest, SignResponse>({
  name: "Sign",
  aliases: true,
  conditions: signingConditions,
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    const { MessageType, SigningAlgorithm: name } = input;
    const message = input.Message as Uint8Array;
    requireUsage(key, "SIGN_VERIFY", "Sign");
    const algorithm = requireSigningAlgorithm(key, name as SigningAlgorithmSpec);
    const form = requireMessage(name as SigningAlgorithmSpec, algorithm, MessageType, message);
    requireState(key.record, "Sign");
    if (input.DryRun) throw new DryRunOperationException();
    const signature = await keyPairOf(key).sign(algorithm.scheme, form, message);
    used(call, key, "Sign");
    return {
      KeyId: key.arn,
      Signature: signature,
      SigningAlgorithm: name,
    };
  },
});
