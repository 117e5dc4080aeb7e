import type { GenerateRandomRequest, GenerateRandomResponse } from "@aws-sdk/client-kms";
import { authorizeInAccount } from "../authorize.ts";
import { CustomKeyStoreNotFoundException, ValidationException } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { refuseRecipient } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html */
export const generateRandom: Operation<GenerateRandomRequest, GenerateRandomResponse> = {
  name: "GenerateRandom",
  run(call, input) {
    authorizeInAccount(call, "GenerateRandom");
    if (input.NumberOfBytes === undefined) throw new ValidationException("NumberOfBytes is required.");
    if (input.CustomKeyStoreId !== undefined) {
      throw new CustomKeyStoreNotFoundException(`Custom key store ${input.CustomKeyStoreId} does not exist.`);
    }
    refuseRecipient(input.Recipient);
    return { Plaintext: call.kms.hsm.randomBytes(input.NumberOfBytes) };
  },
};
