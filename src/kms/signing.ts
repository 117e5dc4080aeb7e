import type { SignRequest } from "@aws-sdk/client-kms";
import { aliasConditions, type ConditionValues, conditionValues, parameterCondition } from "./conditionValues.ts";

/** What Sign and Verify say to conditions. */
export function signingConditions(
  input: Pick<SignRequest, "KeyId" | "MessageType" | "SigningAlgorithm">,
): ConditionValues {
  return conditionValues(
    aliasConditions(input.KeyId),
    parameterCondition("kms:signingalgorithm", input.SigningAlgorithm),
    parameterCondition("kms:messagetype", input.MessageType ?? "RAW"),
  );
}
