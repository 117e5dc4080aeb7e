import type { KeyLastUsageTrackingOperation } from "@aws-sdk/client-kms";
import type { Store } from "../store/store.ts";
import type { KeyRef } from "./key.ts";

/** A successful cryptographic operation with a key. */
export interface KeyUse {
  readonly operation: KeyLastUsageTrackingOperation;
  /** milliseconds since the epoch */
  readonly at: number;
  readonly requestId: string;
  /** of the record that the key's account has of it; absent from what was written down before it was noted */
  readonly eventId?: string;
}

/** What is known of a key's last use. One object for a key, whatever becomes of its record meanwhile. */
export interface TrackedUse {
  readonly ref: KeyRef;
  last: KeyUse | undefined;
  /** not written down yet */
  pending: boolean;
}

/**
 * When keys were last used. It costs the data path an assignment: what is new is kept in memory and written down now and
 * then. A crash may lose the last minute of it; AWS takes up to an hour to tell.
 */
export class KeyUses {
  readonly #store: Store;
  #pending = new Map<string, TrackedUse>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param stored what is written down */
  track(arn: string, ref: KeyRef, stored: KeyUse | undefined): TrackedUse {
    return this.#pending.get(arn) ?? { ref, last: stored, pending: false };
  }

  used({ arn, use }: { readonly arn: string; readonly use: TrackedUse }, last: KeyUse): void {
    use.last = last;
    if (use.pending) return;
    use.pending = true;
    this.#pending.set(arn, use);
  }

  /** Writes down what is not yet. Returns how many. */
  async write(): Promise<number> {
    const pending = this.#pending;
    if (pending.size === 0) return 0;
    this.#pending = new Map();
    for (const use of pending.values()) use.pending = false;
    await this.#store.transaction(async (transaction) => {
      for (const { ref, last } of pending.values()) if (last !== undefined) await transaction.putKeyUse(ref, last);
    });
    return pending.size;
  }
}
