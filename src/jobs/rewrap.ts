import { addDomainKeys } from "../hsm/domainKeys.ts";
import { keyArn } from "../kms/arn.ts";
import type { Kms } from "../kms/operation.ts";

const BATCH = 100;

/** Seals under the newest domain key what an older one sealed, a batch at a time, so that other work goes on in between. Returns how many. */
export async function rewrapAll(kms: Kms): Promise<number> {
  const { store, hsm } = kms;
  await addDomainKeys(store, hsm);
  const active = hsm.activeDomainKey;
  let rewrapped = 0;
  for (;;) {
    const done = await store.transaction(async (transaction) => {
      const { materials, accessKeys } = await transaction.wrappedUnderOtherThan(active, BATCH);
      for (const { ref, material } of materials) {
        const owner = { keyArn: keyArn(ref), keyId: ref.id };
        await transaction.putMaterial(ref, { ...material, ...hsm.rewrapMaterial(owner, material.id, material) });
      }
      for (const accessKey of accessKeys) {
        await transaction.putAccessKey({
          ...accessKey,
          secret: hsm.rewrapAccessKeySecret(accessKey.id, accessKey.secret),
        });
      }
      return materials.length + accessKeys.length;
    });
    rewrapped += done;
    if (done === 0) return rewrapped;
  }
}
