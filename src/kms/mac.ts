import type { GenerateMacRequest } from "@aws-sdk/client-kms";
import { aliasConditions, type ConditionValues, conditionValues, parameterCondition } from "./conditionValues.ts";

/** What GenerateMac and VerifyMac say to conditions. */
export function macConditions(input: Pick<GenerateMacRequest, "KeyId" | "MacAlgorithm">): ConditionValues {
  return conditionValues(aliasConditions(input.KeyId), parameterCondition("kms:macalgorithm", input.MacAlgorithm));
}
