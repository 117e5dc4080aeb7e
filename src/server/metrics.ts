import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** seconds; a request takes from some 50 µs to, behind a slow disk, some 100 ms */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Answers noted at a time. */
const NOTED_AT_ONCE = 128;

interface Answered {
  readonly operation: string;
  readonly error: string | undefined;
  readonly seconds: number;
}

/** What `GET /metrics` tells, in Prometheus' format. */
export class Metrics {
  readonly registry = new Registry();
  /** Not noted yet: to note many in a row takes a fraction of what it takes amid the work on each request. */
  #answered: Answered[] = [];
  readonly #requests = new Counter({
    name: "strongroom_requests_total",
    help: "Requests answered, by operation and error (none: success).",
    labelNames: ["operation", "error"],
    registers: [this.registry],
    collect: () => this.#noteAll(),
  });
  readonly #durations = new Histogram({
    name: "strongroom_request_duration_seconds",
    help: "Time from a request's last byte to its answer, by operation.",
    labelNames: ["operation"],
    buckets: BUCKETS,
    registers: [this.registry],
    collect: () => this.#noteAll(),
  });
  // Looking labels up costs more than counting: each series is looked up once.
  readonly #counters = new Map<string, Counter.Internal>();
  readonly #histograms = new Map<string, Histogram.Internal<"operation">>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** `strongroom_audit_unavailable` is 1 while nothing can be put on record, and so nothing is done. */
  watchAudit(audit: { readonly fault: string | undefined }): void {
    new Gauge({
      name: "strongroom_audit_unavailable",
      help: "1 while the audit journal cannot be written and requests are refused.",
      registers: [this.registry],
      collect() {
        this.set(audit.fault === undefined ? 0 : 1);
      },
    });
  }

  /** @param operation a name of the model, or "unknown": the number of series must not be the callers' to choose */
  answered(operation: string, error: string | undefined, seconds: number): void {
    if (this.#answered.push({ operation, error, seconds }) === NOTED_AT_ONCE) this.#noteAll();
  }

  #noteAll(): void {
    const answered = this.#answered;
    this.#answered = [];
    for (const { operation, error, seconds } of answered) {
      this.#counter(operation, error).inc();
      this.#histogram(operation).observe(seconds);
    }
  }

  #counter(operation: string, error: string | undefined): Counter.Internal {
    const name = error === undefined ? operation : `${operation} ${error}`;
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = this.#requests.labels(operation, error ?? "none");
      this.#counters.set(name, counter);
    }
    return counter;
  }

  #histogram(operation: string): Histogram.Internal<"operation"> {
    let histogram = this.#histograms.get(operation);
    if (histogram === undefined) {
      histogram = this.#durations.labels(operation);
      this.#histograms.set(operation, histogram);
    }
    return histogram;
  }
}
