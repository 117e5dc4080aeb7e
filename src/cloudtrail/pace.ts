/** Of work without a pause, and of the pause after it, at least and at most; milliseconds. */
const WORK = 0.25;
const LEAST_PAUSE = 1;
const MOST_PAUSE = 250;
/** Who wakes later than this has waited for the processor; milliseconds. */
const LATE = 0.5;

/**
 * Cuts work into small parts with real pauses between them, so that a thread that shares its one processor with others
 * is off it when they have something to do. A low priority alone does not do that: since Linux 6.12 a thread that runs
 * keeps the processor for the rest of its slice, some 3 ms, whoever is woken (kernel/sched/features.h, RUN_TO_PARITY).
 * The pauses get longer while others keep the processor busy, which shows in waking late, and shorter when they do not.
 */
export class Pace {
  readonly #asleep = new Int32Array(new SharedArrayBuffer(4));
  #began = performance.now();
  #pause = LEAST_PAUSE;

  /** Sleeps, with the whole thread, if it is time. */
  rest(): void {
    const now = performance.now();
    if (now - this.#began < WORK) return;
    Atomics.wait(this.#asleep, 0, 0, this.#pause);
    this.#began = performance.now();
    const late = this.#began - now - this.#pause > LATE;
    this.#pause = late ? Math.min(2 * this.#pause, MOST_PAUSE) : Math.max(this.#pause / 2, LEAST_PAUSE);
  }
}
