import type { GenerateRandomRequest, GenerateRandomResponse } from "@aws-sdk/client-kms";
import { authorizeInAccount } from "../authorize.ts";
import { CustomKeyStoreNotFoundException, ValidationException } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { Recipient } from "../recipient.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html */
export const generateRandom: Operation<GenerateRandomRequest, GenerateRandomResponse> = {
  name: "GenerateRandom",
  run(call, input) {
    const recipient = input.Recipient && new Recipient(call, input.Recipient);
    authorizeInAccount(call, "GenerateRandom", recipient?.conditions);
    if (input.NumberOfBytes === undefined) throw new ValidationException("NumberOfBytes is required.");
    if (input.CustomKeyStoreId !== undefined) {
      throw new CustomKeyStoreNotFoundException(`Custom key store ${input.CustomKeyStoreId} does not exist.`);
    }
    const attested = recipient?.requireAttested();
    const plaintext = call.kms.hsm.randomBytes(input.NumberOfBytes);
    return attested === undefined ? { Plaintext: plaintext } : { CiphertextForRecipient: attested.seal(plaintext) };
  },
};
