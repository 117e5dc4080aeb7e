import type { ListKeyRotationsRequest, ListKeyRotationsResponse, RotationsListEntry } from "@aws-sdk/client-kms";
import { expirationModel, type KeyRecord, type MaterialRecord } from "../key.ts";
import { keyMaterialState } from "../keyMaterial.ts";
import { keySpecRow } from "../keySpec.ts";
import { keyOperation } from "../operation.ts";
import { cutPage, listOf, pageOf } from "../page.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html */
export const listKeyRotations = keyOperation<ListKeyRotationsRequest, ListKeyRotationsResponse>({
  name: "ListKeyRotations",
  async run(call, key, input) {
    const included = input.IncludeKeyMaterial ?? "ROTATIONS_ONLY";
    const list = listOf(call, "ListKeyRotations", key.arn, included);
    const { after, limit } = pageOf(list, input, { default: 100, maximum: 1000 });
    const all = included === "ALL_KEY_MATERIAL";
    const { store } = call.kms;
    const rotates = keySpecRow(key.record.spec).family === "symmetric";
    const materials = rotates ? await store.materials(key.record) : [];
    const rest = materials
      .filter((material) => all || material.rotationType !== null)
      .filter((material) => after === undefined || position(material) > after)
      .sort((a, b) => (position(a) < position(b) ? -1 : 1));
    const { items, ...end } = cutPage(list, rest, limit, position);
    const related = await store.relatedKeys(key.record);
    const isEverywhere = async ({ id }: MaterialRecord) => {
      const copies = await Promise.all(related.map((each) => store.materials(each)));
      return copies.every((copy) => copy.some((material) => material.id === id && material.wrapped !== null));
    };
    return {
      Rotations: await Promise.all(
        items.map(async (material) => ({
          ...entry(key.record, material),
          KeyMaterialState: keyMaterialState(key.record, material, material.pending && (await isEverywhere(material))),
        })),
      ),
      ...end,
    };
  },
});

function position({ createdAt, id }: MaterialRecord): string {
  return `${String(createdAt).padStart(15, "0")} ${id}`;
}

function entry(key: KeyRecord, { id, createdAt, rotationType, wrapped, imported }: MaterialRecord): RotationsListEntry {
  return {
    KeyId: key.id,
    KeyMaterialId: id,
    ...(imported?.description != null && { KeyMaterialDescription: imported.description }),
    ...(key.origin === "EXTERNAL" && { ImportState: wrapped === null ? "PENDING_IMPORT" : "IMPORTED" }),
    ...(wrapped !== null && imported !== null && { ExpirationModel: expirationModel(imported) }),
    ...(wrapped !== null && imported?.validTo != null && { ValidTo: new Date(imported.validTo) }),
    ...(rotationType !== null && { RotationDate: new Date(createdAt), RotationType: rotationType }),
  };
}
