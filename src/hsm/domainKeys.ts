import type { DomainKeyRecord, Hsm } from "./hsm.ts";

/** Opens the domain keys that the HSM does not know yet: at start, and after another process made one. */
export async function addDomainKeys(source: { domainKeys(): Promise<DomainKeyRecord[]> }, hsm: Hsm): Promise<void> {
  for (const record of await source.domainKeys()) await hsm.addDomainKey(record);
}
