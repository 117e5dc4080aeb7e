import type { RotateKeyOnDemandRequest, RotateKeyOnDemandResponse } from "@aws-sdk/client-kms";
import { ConflictException, LimitExceededException } from "../errors.ts";
import { refuseReplica } from "../multiRegion.ts";
import { changeShared, keyOperation } from "../operation.ts";
import { ON_DEMAND_ROTATION_LIMIT, requireRotatable, rotate, rotateToImported } from "../rotation.ts";

/** So close to an automatic rotation there is none on demand. Milliseconds. */
const AUTOMATIC_IMMINENT = 20 * 60_000;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html */
export const rotateKeyOnDemand = keyOperation<RotateKeyOnDemandRequest, RotateKeyOnDemandResponse>({
  name: "RotateKeyOnDemand",
  async run(call, key) {
    requireRotatable(key.record);
    refuseReplica(key.record);
    const now = call.kms.clock();
    let previousKeyMaterialId = "";
    const rotated = await changeShared(call, key.record, "RotateKeyOnDemand", async (record, transaction) => {
      previousKeyMaterialId = record.currentMaterialId ?? "";
      const { nextAt, onDemandCount } = record.rotation;
      if (onDemandCount >= ON_DEMAND_ROTATION_LIMIT) {
        throw new LimitExceededException(
          `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
        );
      }
      if (nextAt !== null && nextAt - now <= AUTOMATIC_IMMINENT) {
        throw new ConflictException(`An automatic rotation of the key is due within 20 minutes: ${key.arn}`);
      }
      return record.origin === "EXTERNAL"
        ? rotateToImported(transaction, record, now)
        : rotate(call.kms.hsm, transaction, record, "ON_DEMAND", now);
    });
    const currentKeyMaterialId = rotated.currentMaterialId ?? "";
    call.touched.rotation = { keyOrigin: rotated.origin, previousKeyMaterialId, currentKeyMaterialId };
    return { KeyId: key.arn };
  },
});
