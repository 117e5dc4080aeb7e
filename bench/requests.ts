import type { Signer } from "./signer.ts";

const STALE_AFTER_MS = 100_000; // signatures are good for 5 minutes; a segment of at most 120 s has to fit in as well

/** Many different requests for one operation, signed shortly before they are used. */
export class Requests {
  readonly operation: string;
  readonly #signer: Signer;
  readonly #inputs: object[];
  #signed: Buffer[] = [];
  #signedAt = Number.NEGATIVE_INFINITY;

  constructor(signer: Signer, operation: string, inputs: object[]) {
    this.operation = operation;
    this.#signer = signer;
    this.#inputs = inputs;
  }

  get count(): number {
    return this.#inputs.length;
  }

  /** The bytes to send: the same array until its signatures get old. */
  signed(): Buffer[] {
    if (Date.now() - this.#signedAt > STALE_AFTER_MS) {
      this.#signed = this.#inputs.map((input) => this.#signer.request(this.operation, input));
      this.#signedAt = Date.now();
    }
    return this.#signed;
  }
}
