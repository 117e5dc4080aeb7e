import { digestKeyOwner } from "../cloudtrail/digestKey.ts";
import { addDomainKeys } from "../hsm/domainKeys.ts";
import { DamagedKeyMaterial, type Wrapped } from "../hsm/hsm.ts";
import { putEntity } from "../iam/entities.ts";
import { keyArn } from "../kms/arn.ts";
import type { Kms } from "../kms/operation.ts";

const BATCH = 100;

/**
 * Seals under the newest domain key what an older one sealed, a batch at a time, so that other work goes on in between.
 * Returns how many. @throws DamagedKeyMaterial when some do not open, once all others are done
 */
export async function rewrapAll(kms: Kms): Promise<number> {
  const { store, hsm } = kms;
  await addDomainKeys(store, hsm);
  const active = hsm.activeDomainKey;
  const damaged = new Map<string, DamagedKeyMaterial>();
  let rewrapped = 0;
  /** One that does not open keeps no other from being sealed anew. */
  function attempt<T>(name: string, rewrap: () => T): T | undefined {
    try {
      return rewrap();
    } catch (error) {
      if (!(error instanceof DamagedKeyMaterial)) throw error;
      damaged.set(name, error);
      return undefined;
    }
  }
  for (;;) {
    const done = await store.transaction(async (transaction) => {
      let count = 0;
      const { materials, accessKeys, mfaDevices, digestKeys } = await transaction.wrappedUnderOtherThan(
        active,
        BATCH + damaged.size,
      );
      for (const { ref, material } of materials) {
        const owner = { keyArn: keyArn(ref), keyId: ref.id };
        const name = `${owner.keyArn} ${material.id}`;
        const sealed = material.wrapped as Wrapped; // or it would not be under any domain key
        const wrapped = attempt(name, () => hsm.rewrapMaterial(owner, material.id, sealed));
        if (wrapped === undefined) continue;
        await transaction.putMaterial(ref, { ...material, wrapped });
        count++;
      }
      for (const accessKey of accessKeys) {
        const secret = attempt(accessKey.id, () => hsm.rewrapAccessKeySecret(accessKey.id, accessKey.secret));
        if (secret === undefined) continue;
        await transaction.putAccessKey({ ...accessKey, secret });
        count++;
      }
      for (const device of mfaDevices) {
        const seed = attempt(device.id, () => hsm.rewrapTotpSeed(device.id, device.seed));
        if (seed === undefined) continue;
        await putEntity(transaction, { ...device, seed });
        count++;
      }
      for (const key of digestKeys) {
        const owner = digestKeyOwner(key);
        const sealed = key.wrapped as Wrapped;
        const wrapped = attempt(owner.keyArn, () => hsm.rewrapMaterial(owner, key.materialId, sealed));
        if (wrapped === undefined) continue;
        await transaction.putDigestKey({ ...key, wrapped });
        count++;
      }
      return count;
    });
    rewrapped += done;
    if (done > 0) continue;
    const [first] = damaged.values();
    if (first === undefined) return rewrapped;
    throw new DamagedKeyMaterial(
      `${damaged.size} of the materials and secrets cannot be sealed anew, all others are: ${first.message}`,
    );
  }
}
