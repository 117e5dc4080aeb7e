import type { SigningAlgorithmSpec, VerifyRequest, VerifyResponse } from "@aws-sdk/client-kms";
import { DryRunOperationException, KMSInvalidSignatureException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { keyOperation, used } from "../operation.ts";
import { keyPairOf, requireMessage, requireSigningAlgorithm, requireUsage } from "../requirements.ts";
import { signingConditions } from "../signing.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html: a signature that does not verify is an exception, never a false. */
export const verify = keyOperation<VerifyRequest, VerifyResponse>({
  name: "Verify",
  aliases: true,
  conditions: signingConditions,
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    const { MessageType, SigningAlgorithm: name } = input;
    const message = input.Message as Uint8Array;
    requireUsage(key, "SIGN_VERIFY", "Verify");
    const algorithm = requireSigningAlgorithm(key, name as SigningAlgorithmSpec);
    const form = requireMessage(name as SigningAlgorithmSpec, algorithm, MessageType, message);
    requireState(key.record, "Verify");
    const valid = await keyPairOf(key).verify(algorithm.scheme, form, message, input.Signature as Uint8Array);
    if (!valid) throw new KMSInvalidSignatureException();
    if (input.DryRun) throw new DryRunOperationException();
    used(call, key, "Verify");
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: name };
  },
});
