import type { EnableKeyRotationRequest } from "@aws-sdk/client-kms";
import { parameterCondition } from "../conditionValues.ts";
import { changeShared, keyOperation } from "../operation.ts";
import { DEFAULT_ROTATION_DAYS, requireAutomaticRotation, withRotation, withRotationPeriod } from "../rotation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html; also changes the period of a rotation that is on. */
export const enableKeyRotation = keyOperation<EnableKeyRotationRequest, void>({
  name: "EnableKeyRotation",
  conditions: (input) =>
    parameterCondition("kms:rotationperiodindays", input.RotationPeriodInDays ?? DEFAULT_ROTATION_DAYS),
  async run(call, key, input) {
    requireAutomaticRotation(key.record);
    const period = input.RotationPeriodInDays ?? DEFAULT_ROTATION_DAYS;
    const now = call.kms.clock();
    await changeShared(call, key.record, "EnableKeyRotation", (record, transaction) =>
      withRotation(transaction, record, withRotationPeriod(record.rotation, period, now)),
    );
  },
});
