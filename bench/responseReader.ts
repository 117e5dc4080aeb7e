const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NAME = Buffer.from("content-length:");

/** Called once per response; `body` is empty unless it was asked for or the status is not 200. */
export type OnResponse = (status: number, body: string) => void;

/**
 * Reads HTTP/1.1 responses off one connection, however their bytes are cut into chunks. It knows the status line and
 * `Content-Length` and nothing else: a response without that header throws. Reading one allocates nothing, as long as
 * its body is not kept.
 */
export class ResponseReader {
  readonly #onResponse: OnResponse;
  readonly #keepBodies: boolean;
  #status = 0;
  #length = -1;
  #bodyLeft = 0;
  #body: Buffer[] = [];
  #inBody = false;
  #inStatusLine = true;
  #column = 0; // in the current line, not counting its end
  #matched = 0; // how much of NAME the current line has matched

  constructor(onResponse: OnResponse, keepBodies = false) {
    this.#onResponse = onResponse;
    this.#keepBodies = keepBodies;
  }

  /** Takes the first `end` bytes of `chunk`, which belongs to the caller again afterwards. */
  read(chunk: Buffer, end: number): void {
    let at = 0;
    while (at < end) at = this.#inBody ? this.#readBody(chunk, at, end) : this.#readHead(chunk, at, end);
  }

  #readHead(chunk: Buffer, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = chunk[at]!;
      if (byte === LINE_FEED) {
        if (this.#column === 0) {
          this.#beginBody();
          return at + 1;
        }
        this.#inStatusLine = false;
        this.#column = 0;
        this.#matched = 0;
      } else if (byte !== CARRIAGE_RETURN) {
        if (this.#inStatusLine) this.#readStatus(byte);
        else if (this.#matched === this.#column || this.#matched === NAME.length) this.#readHeader(byte);
        this.#column++;
      }
    }
    return end;
  }

  // "HTTP/1.1 200 OK": the status is in columns 9 to 11.
  #readStatus(byte: number): void {
    if (this.#column >= 9 && this.#column <= 11) this.#status = this.#status * 10 + byte - 0x30;
  }

  #readHeader(byte: number): void {
    if (this.#matched < NAME.length) {
      if ((byte | 0x20) === NAME[this.#matched]) this.#matched++;
      if (this.#matched === NAME.length) this.#length = 0;
    } else if (byte >= 0x30 && byte <= 0x39) {
      this.#length = this.#length * 10 + byte - 0x30;
    }
  }

  #beginBody(): void {
    if (this.#length < 0) throw new Error(`answer with status ${this.#status} has no Content-Length`);
    this.#inBody = true;
    this.#bodyLeft = this.#length;
    if (this.#bodyLeft === 0) this.#finish();
  }

  #readBody(chunk: Buffer, start: number, end: number): number {
    const stop = Math.min(end, start + this.#bodyLeft);
    if (this.#keepBodies || this.#status !== 200) this.#body.push(Buffer.from(chunk.subarray(start, stop)));
    this.#bodyLeft -= stop - start;
    if (this.#bodyLeft === 0) this.#finish();
    return stop;
  }

  #finish(): void {
    const status = this.#status;
    const body = this.#body.length === 0 ? "" : Buffer.concat(this.#body).toString();
    if (this.#body.length > 0) this.#body = [];
    this.#status = 0;
    this.#length = -1;
    this.#inBody = false;
    this.#inStatusLine = true;
    this.#column = 0;
    this.#matched = 0;
    this.#onResponse(status, body);
  }
}
