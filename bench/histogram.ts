const UNITS_PER_MS = 10_000; // a unit is 0.1 µs, so 32 bits reach 429 s
const STEP_BITS = 6;
const STEPS = 1 << STEP_BITS; // steps per power of two: a bucket is at most 1/64 (1.6 %) of its value wide
const LARGEST = 2 ** 32 - 1;

/** Latencies in log-linear buckets: recording allocates nothing, and a percentile is off by less than 1 %. */
export class Histogram {
  readonly #counts = new Uint32Array((32 - STEP_BITS + 1) * STEPS);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  record(milliseconds: number): void {
    const units = Math.min(LARGEST, Math.max(0, Math.round(milliseconds * UNITS_PER_MS)));
    this.#counts[bucketOf(units)]!++;
    this.#total++;
  }

  /** The value, in milliseconds, that the given share (0 to 1) of all recordings does not exceed; NaN when empty. */
  percentile(share: number): number {
    if (this.#total === 0) return Number.NaN;
    let remaining = Math.max(1, Math.ceil(share * this.#total));
    let bucket = 0;
    while (remaining > this.#counts[bucket]!) remaining -= this.#counts[bucket++]!;
    return middleOf(bucket) / UNITS_PER_MS;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}

// Values below 64 have a bucket each; after that each power of two is cut into 64 steps.
function bucketOf(units: number): number {
  const shift = Math.max(0, 32 - STEP_BITS - 1 - Math.clz32(units));
  return shift * STEPS + (units >>> shift);
}

function middleOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / STEPS) - 1);
  return (bucket - shift * STEPS + 0.5) * 2 ** shift - 0.5;
}
