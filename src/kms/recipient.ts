import type { RecipientInfo } from "@aws-sdk/client-kms";
import type { Attested } from "./attestation/attestation.ts";
import { envelope } from "./attestation/envelope.ts";
import { AttestationRefused } from "./attestation/refusal.ts";
import { type ConditionValues, conditionValues, NO_VALUES } from "./conditionValues.ts";
import { ValidationException } from "./errors.ts";
import type { Key } from "./keys.ts";
import { type Call, keyOperation, type Operation } from "./operation.ts";

type KeyOperation<Input extends { KeyId: string | undefined }, Output> = Parameters<
  typeof keyOperation<Input, Output>
>[0];

/**
 * Who alone can read an answer: an enclave, or an instance with a NitroTPM, by the attestation document that the request
 * brings. Policies see what the document proves; whether it proves anything is said only to whom they let in.
 */
export class Recipient {
  readonly #call: Call;
  readonly #request: RecipientInfo;
  #verdict: Attested | ValidationException | undefined;

  constructor(call: Call, request: RecipientInfo) {
    this.#call = call;
    this.#request = request;
  }

  /** `kms:RecipientAttestation:*`; none without a valid document. PCRs are lower-case hexadecimal, as AWS has them. */
  readonly conditions: ConditionValues = (name) => {
    if (!name.startsWith(CONDITIONS)) return undefined;
    const verdict = this.#verify();
    return verdict instanceof ValidationException ? undefined : attestedValue(verdict, name.slice(CONDITIONS.length));
  };

  /** @throws ValidationException, which says what is wrong with the document */
  requireAttested(): AttestedRecipient {
    const verdict = this.#verify();
    if (verdict instanceof ValidationException) throw verdict;
    const imageDigest = attestedValue(verdict, "imagesha384");
    this.#call.touched.recipient = { moduleId: verdict.moduleId, imageDigest };
    const { hsm } = this.#call.kms;
    return {
      seal(plaintext) {
        const sealed = envelope(verdict.publicKey, plaintext, (length) => hsm.randomBytes(length));
        plaintext.fill(0);
        return sealed;
      },
    };
  }

  /** Once for each request, when a policy or the operation first asks. */
  #verify(): Attested | ValidationException {
    this.#verdict ??= verdictOn(this.#call, this.#request);
    return this.#verdict;
  }
}

/** A recipient whose document is valid. */
export interface AttestedRecipient {
  /** `CiphertextForRecipient`: the plaintext, which is wiped, for the key of the document */
  seal(plaintext: Buffer): Buffer;
}

/** Condition values of an operation that may have a recipient. */
export function withRecipient(values: ConditionValues, recipient: Recipient | undefined): ConditionValues {
  return recipient === undefined ? values : conditionValues(values, recipient.conditions);
}

/** A {@link keyOperation} that may have a recipient; by the time that it runs, one that is attested. */
export function attestedKeyOperation<
  Input extends { KeyId: string | undefined; Recipient?: RecipientInfo | undefined },
  Output,
>(
  operation: Omit<KeyOperation<Input, Output>, "run"> & {
    run(call: Call, key: Key, input: Input, recipient: AttestedRecipient | undefined): Output | Promise<Output>;
  },
): Operation<Input, Output> {
  const withoutRecipient = keyOperation<Input, Output>({
    ...operation,
    run: (call, key, input) => operation.run(call, key, input, undefined),
  });
  return {
    name: operation.name,
    run(call, input) {
      if (input.Recipient === undefined) return withoutRecipient.run(call, input);
      const recipient = new Recipient(call, input.Recipient);
      return keyOperation<Input, Output>({
        ...operation,
        conditions: (...given) => withRecipient(operation.conditions?.(...given) ?? NO_VALUES, recipient),
        run: (_call, key) => operation.run(call, key, input, recipient.requireAttested()),
      }).run(call, input);
    },
  };
}

/** In lower case, as policies ask. */
const CONDITIONS = "kms:recipientattestation:";
const PCR = /^(nitrotpm)?pcr(0|[1-9]\d?)$/;

function attestedValue({ platform, pcrs }: Attested, name: string): string | undefined {
  if (name === "imagesha384") return platform === "enclave" ? hex(pcrs.get(0)) : undefined;
  const [known, ofNitroTpm, index] = PCR.exec(name) ?? [];
  if (known === undefined || (platform === "nitroTpm") !== (ofNitroTpm !== undefined)) return undefined;
  return hex(pcrs.get(Number(index)));
}

function hex(pcr: Uint8Array | undefined): string | undefined {
  return pcr?.toHex();
}

/** KeyEncryptionAlgorithm is not asked for: it has one value, and AWS does not require it. */
function verdictOn({ kms }: Call, { AttestationDocument }: RecipientInfo): Attested | ValidationException {
  if (AttestationDocument === undefined) return new ValidationException("Recipient must have an AttestationDocument.");
  // Without a trusted root no document verifies, and a plaintext answer would be the one thing that was not asked for.
  if (kms.attestation === undefined) return refused("its issuer is not trusted here.");
  try {
    return kms.attestation.verify(AttestationDocument, kms.clock());
  } catch (error) {
    if (error instanceof AttestationRefused) return refused(error.message);
    throw error;
  }
}

function refused(flaw: string): ValidationException {
  return new ValidationException(`The attestation document in Recipient cannot be verified: ${flaw}`);
}
