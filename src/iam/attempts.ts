import { LRUCache } from "lru-cache";

/** How many are remembered at once. */
const REMEMBERED = 50_000;
const WRONG_IN_A_ROW = 10;
/** milliseconds */
const LOCKED_FOR = 60_000;

/**
 * Counts wrong guesses, so that secrets that people can type cannot be tried out: after ten in a row, one more each
 * minute. In memory, of this process alone: a restart forgets, and several processes allow as many times as much.
 */
export class Attempts {
  readonly #wrong = new LRUCache<string, { count: number; lockedUntil: number }>({ max: REMEMBERED });

  /** @param of whose secret it is @param now milliseconds since the epoch */
  locked(of: string, now: number): boolean {
    return now < (this.#wrong.get(of)?.lockedUntil ?? 0);
  }

  wrong(of: string, now: number): void {
    const count = (this.#wrong.get(of)?.count ?? 0) + 1;
    this.#wrong.set(of, { count, lockedUntil: count < WRONG_IN_A_ROW ? 0 : now + LOCKED_FOR });
  }

  right(of: string): void {
    this.#wrong.delete(of);
  }
}
