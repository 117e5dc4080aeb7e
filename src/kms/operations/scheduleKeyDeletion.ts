import type { ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse } from "@aws-sdk/client-kms";
import { conditionValues, parameterCondition } from "../conditionValues.ts";
import { ValidationException } from "../errors.ts";
import { unusedDaysCondition } from "../keyLastUsage.ts";
import { isReplica, relatedElsewhere } from "../multiRegion.ts";
import { changeKey, keyOperation } from "../operation.ts";
import { DAY } from "../rotation.ts";

/** The service's own bounds; the model's are wider. Days. */
const WINDOW = { least: 7, most: 30 };

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export const scheduleKeyDeletion = keyOperation<ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse>({
  name: "ScheduleKeyDeletion",
  conditions: (input, key, call) =>
    conditionValues(
      parameterCondition("kms:schedulekeydeletionpendingwindowindays", input.PendingWindowInDays ?? WINDOW.most),
      unusedDaysCondition(key, call),
    ),
  async run(call, key, input) {
    const days = input.PendingWindowInDays ?? WINDOW.most;
    if (days < WINDOW.least || days > WINDOW.most) {
      const bound =
        days < WINDOW.least ? `greater than or equal to ${WINDOW.least}` : `less than or equal to ${WINDOW.most}`;
      throw new ValidationException(
        `1 validation error detected: Value '${days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value ${bound}`,
      );
    }
    const deletionAt = call.kms.clock() + days * DAY;
    const { state } = await changeKey(call, key.record, "ScheduleKeyDeletion", async (record, transaction) => {
      const hasReplicas = !isReplica(record) && (await relatedElsewhere(transaction, record)).length > 0;
      return hasReplicas
        ? { ...record, state: "PendingReplicaDeletion", pendingWindowInDays: days }
        : { ...record, state: "PendingDeletion", deletionAt };
    });
    return {
      KeyId: key.arn,
      // A primary waits for its replicas first, however long they take.
      ...(state === "PendingDeletion" && { DeletionDate: new Date(deletionAt) }),
      KeyState: state,
      PendingWindowInDays: days,
    };
  },
});
