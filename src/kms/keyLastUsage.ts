import type { ConditionValues } from "./conditionValues.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";
import { DAY } from "./rotation.ts";

/** Since when AWS notes the last use of keys: reference/kms-operations.md §15. */
const TRACKING_BEGAN = Date.UTC(2026, 3, 23);

/** Milliseconds since the epoch. */
export function trackedSince({ record }: Pick<Key, "record">): number {
  return Math.max(TRACKING_BEGAN, record.createdAt);
}

/** `kms:TrailingDaysWithoutKeyUsage`: whole days since the last use, or since uses are noted. */
export function unusedDaysCondition(key: Key, call: Call): ConditionValues {
  return (name) => {
    if (name !== "kms:trailingdayswithoutkeyusage") return undefined;
    return String(Math.floor((call.kms.clock() - (key.use.last?.at ?? trackedSince(key))) / DAY));
  };
}
