/** Of work without a pause, and of the pause after it; milliseconds. */
const WORK = 0.25;
const PAUSE = 1;

/**
 * Cuts work into small parts with real pauses between them, so that a thread that shares its one processor with others
 * is off it when they have something to do. A low priority alone does not do that: since Linux 6.12 a thread that runs
 * keeps the processor for the rest of its slice, some 3 ms, whoever is woken (kernel/sched/features.h, RUN_TO_PARITY).
 */
export class Pace {
  readonly #asleep = new Int32Array(new SharedArrayBuffer(4));
  #began = performance.now();

  /** Sleeps, with the whole thread, if it is time. */
  rest(): void {
    if (performance.now() - this.#began < WORK) return;
    Atomics.wait(this.#asleep, 0, 0, PAUSE);
    this.#began = performance.now();
  }
}
