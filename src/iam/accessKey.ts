import type { Wrapped } from "../hsm/hsm.ts";

/** An access key as the store keeps it: the secret is sealed by the HSM. */
export interface AccessKeyRecord {
  readonly id: string;
  readonly account: string;
  readonly secret: Wrapped;
  /** milliseconds since the epoch */
  readonly createdAt: number;
}

export interface AccountRecord {
  readonly id: string;
  /** milliseconds since the epoch */
  readonly createdAt: number;
}
