import type { ImportKeyMaterialRequest, ImportKeyMaterialResponse } from "@aws-sdk/client-kms";
import { conditionValues, parameterCondition } from "../conditionValues.ts";
import { IncorrectKeyMaterialException, ValidationException } from "../errors.ts";
import { unwrapKeyMaterial } from "../importParameters.ts";
import { importMaterial } from "../keyMaterial.ts";
import { keySpecRow } from "../keySpec.ts";
import { requireState } from "../keyState.ts";
import type { Key } from "../keys.ts";
import { synchronizedKeys } from "../multiRegion.ts";
import { changeKey, keyOperation } from "../operation.ts";
import { requireOrigin } from "../origin.ts";
import { DAY } from "../rotation.ts";

/** The latest ValidTo, from now; milliseconds. */
const LONGEST_VALIDITY = 365 * DAY;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html */
export const importKeyMaterial = keyOperation<ImportKeyMaterialRequest, ImportKeyMaterialResponse>({
  name: "ImportKeyMaterial",
  conditions: (input) =>
    conditionValues(
      parameterCondition("kms:expirationmodel", input.ExpirationModel ?? "KEY_MATERIAL_EXPIRES"),
      parameterCondition("kms:validto", input.ValidTo && Math.floor(input.ValidTo.getTime() / 1000)),
    ),
  async run(call, key, input) {
    requireOrigin(key.record, "EXTERNAL");
    const now = call.kms.clock();
    const validTo = requireValidTo(input, now);
    requireFit(key, input);
    requireState(key.record, "ImportKeyMaterial");
    const made = await unwrapKeyMaterial(
      call,
      key,
      input.ImportToken as Uint8Array,
      input.EncryptedKeyMaterial as Uint8Array,
    );
    if (input.KeyMaterialId !== undefined && input.KeyMaterialId !== made.materialId) {
      throw new IncorrectKeyMaterialException(`The key material is not that of KeyMaterialId ${input.KeyMaterialId}.`);
    }
    await changeKey(call, key.record, "ImportKeyMaterial", async (record, transaction) => {
      const former = await transaction.materials(record);
      const imported = await importMaterial(transaction, record, made, {
        importType: input.ImportType,
        description: input.KeyMaterialDescription,
        validTo,
        now,
      });
      // Another material has its place in the replicas too, from now on.
      if (former.length > 0 && !former.some(({ id }) => id === made.materialId)) {
        call.touched.synchronized = await synchronizedKeys(transaction, imported);
      }
      return imported;
    });
    return { KeyId: key.arn, KeyMaterialId: made.materialId };
  },
});

/** When the material is to expire; null: never. @throws ValidationException */
function requireValidTo({ ExpirationModel, ValidTo }: ImportKeyMaterialRequest, now: number): number | null {
  if (ExpirationModel === "KEY_MATERIAL_DOES_NOT_EXPIRE") {
    if (ValidTo === undefined) return null;
    throw new ValidationException(
      "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
    );
  }
  if (ValidTo === undefined) {
    throw new ValidationException("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES");
  }
  const validTo = ValidTo.getTime();
  if (validTo <= now) throw new ValidationException("The validTo date must be in the future.");
  if (validTo > now + LONGEST_VALIDITY) {
    throw new ValidationException("The validTo date must be within 365 days from now.");
  }
  return validTo;
}

/** Several materials, and what tells them apart, are for symmetric keys alone. @throws ValidationException */
function requireFit(key: Key, { ImportType, KeyMaterialId, KeyMaterialDescription }: ImportKeyMaterialRequest): void {
  if (ImportType === "NEW_KEY_MATERIAL" && KeyMaterialId !== undefined) {
    throw new ValidationException("You cannot specify a KeyMaterialId with ImportType NEW_KEY_MATERIAL.");
  }
  if (keySpecRow(key.record.spec).family === "symmetric") return;
  for (const [name, value] of Object.entries({ ImportType, KeyMaterialId, KeyMaterialDescription })) {
    if (value === undefined) continue;
    throw new ValidationException(`${name} can be used only with symmetric encryption KMS keys.`);
  }
}
