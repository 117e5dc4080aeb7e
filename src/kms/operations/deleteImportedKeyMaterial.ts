import type { DeleteImportedKeyMaterialRequest, DeleteImportedKeyMaterialResponse } from "@aws-sdk/client-kms";
import { NotFoundException } from "../errors.ts";
import { discardMaterial } from "../keyMaterial.ts";
import { synchronizedKeys } from "../multiRegion.ts";
import { changeKey, keyOperation } from "../operation.ts";
import { requireOrigin } from "../origin.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html */
export const deleteImportedKeyMaterial = keyOperation<
  DeleteImportedKeyMaterialRequest,
  DeleteImportedKeyMaterialResponse
>({
  name: "DeleteImportedKeyMaterial",
  async run(call, key, input) {
    requireOrigin(key.record, "EXTERNAL");
    let deleted: string | undefined;
    await changeKey(call, key.record, "DeleteImportedKeyMaterial", async (record, transaction) => {
      deleted = input.KeyMaterialId ?? record.currentMaterialId ?? undefined;
      if (deleted === undefined) return record; // nothing was imported yet
      const material = (await transaction.materials(record)).find(({ id }) => id === deleted);
      if (material === undefined) {
        throw new NotFoundException(`Key material ${deleted} is not associated with the key: ${key.arn}`);
      }
      if (material.pending) call.touched.synchronized = await synchronizedKeys(transaction, record);
      return discardMaterial(transaction, record, material);
    });
    return { KeyId: key.arn, ...(deleted !== undefined && { KeyMaterialId: deleted }) };
  },
});
