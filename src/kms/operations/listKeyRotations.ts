import type { ListKeyRotationsRequest, ListKeyRotationsResponse } from "@aws-sdk/client-kms";
import { keySpecRow } from "../keySpec.ts";
import { keyOperation } from "../operation.ts";
import { cutPage, pageOf } from "../page.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html */
export const listKeyRotations = keyOperation<ListKeyRotationsRequest, ListKeyRotationsResponse>({
  name: "ListKeyRotations",
  async run(call, key, input) {
    const { after, limit } = pageOf("ListKeyRotations", input, { default: 100, maximum: 1000 });
    const all = input.IncludeKeyMaterial === "ALL_KEY_MATERIAL";
    const rotates = keySpecRow(key.record.spec).family === "symmetric";
    const materials = rotates ? await call.kms.store.materials(key.record) : [];
    const position = (material: { createdAt: number; id: string }) =>
      `${String(material.createdAt).padStart(15, "0")} ${material.id}`;
    const rest = materials
      .filter((material) => all || material.rotationType !== null)
      .filter((material) => after === undefined || position(material) > after)
      .sort((a, b) => (position(a) < position(b) ? -1 : 1));
    const { items, ...end } = cutPage("ListKeyRotations", rest, limit, position);
    return {
      Rotations: items.map((material) => ({
        KeyId: key.record.id,
        KeyMaterialId: material.id,
        KeyMaterialState: material.id === key.record.currentMaterialId ? "CURRENT" : "NON_CURRENT",
        ...(material.rotationType !== null && {
          RotationDate: new Date(material.createdAt),
          RotationType: material.rotationType,
        }),
      })),
      ...end,
    };
  },
});
