import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { sha256 } from "./digest.ts";

const compress = promisify(gzip);

/** Uncompressed, in UTF-16 units. Who reads a file parses it at once; who writes it hashes it at once, while requests wait. */
const LOG_FILE_LENGTH_MAX = 8 << 20;
/** Of all files that are being gathered, so that memory does not grow with the number of trails and Regions. */
const GATHERED_LENGTH_MAX = 32 << 20;

/** A log file, ready to be put. */
export interface LogFile {
  /** gzip */
  readonly body: Buffer;
  /** hex SHA-256 of the uncompressed content */
  readonly hash: string;
  readonly newestEventTime: string;
  readonly oldestEventTime: string;
}

interface Gathered<Key> {
  readonly key: Key;
  events: string[];
  length: number;
  newest: string;
  oldest: string;
}

/**
 * Gathers events into log files, one at a time for each key. Which events share a file follows from their order and
 * their sizes alone.
 */
export class LogFileGatherer<Key> {
  readonly #files = new Map<string, Gathered<Key>>();
  #length = 0;
  readonly #limits: { readonly file: number; readonly all: number };

  constructor(limits = { file: LOG_FILE_LENGTH_MAX, all: GATHERED_LENGTH_MAX }) {
    this.#limits = limits;
  }

  /**
   * @param name of the key, one for each
   * @param time `2026-11-23T10:15:00Z`
   * @returns the file that is full now, to be put before more is added
   */
  async add(name: string, key: Key, event: string, time: string): Promise<{ key: Key; file: LogFile } | undefined> {
    let gathered = this.#files.get(name);
    if (gathered === undefined) {
      gathered = { key, events: [], length: 0, newest: time, oldest: time };
      this.#files.set(name, gathered);
    }
    gathered.events.push(event);
    gathered.length += event.length;
    this.#length += event.length;
    if (time > gathered.newest) gathered.newest = time;
    if (time < gathered.oldest) gathered.oldest = time;
    if (gathered.length >= this.#limits.file) return this.#close(name);
    if (this.#length >= this.#limits.all) return this.#close(this.#longest());
    return undefined;
  }

  /** What is left, file by file. */
  async *rest(): AsyncGenerator<{ key: Key; file: LogFile }> {
    for (const name of [...this.#files.keys()]) yield await this.#close(name);
  }

  #longest(): string {
    let longest = { name: "", length: -1 };
    for (const [name, { length }] of this.#files) if (length > longest.length) longest = { name, length };
    return longest.name;
  }

  async #close(name: string): Promise<{ key: Key; file: LogFile }> {
    const { key, events, length, newest, oldest } = this.#files.get(name) as Gathered<Key>;
    this.#files.delete(name);
    this.#length -= length;
    const text = Buffer.from(`{"Records":[${events.join(",")}]}`, "utf8");
    return {
      key,
      file: { body: await compress(text), hash: sha256(text), newestEventTime: newest, oldestEventTime: oldest },
    };
  }
}
