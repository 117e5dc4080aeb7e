import { constants } from "node:fs";
import type { Disk } from "./segmentFile.ts";

/** What is zeroed at a time; bytes. */
const ROOM_BYTES = 1 << 20;
/** Where less than this is left, more is made; what is written meanwhile goes into what is left. Bytes. */
const LEAST_ROOM = 256 << 10;
/** A segment with less in it gets no room: it may never have more. Bytes. */
const ROOM_FROM = 64 << 10;

const { O_DSYNC, O_WRONLY } = constants;

/**
 * Zeros on the disk behind a segment's end, where its next lines go. A durable write to where a file has blocks already
 * is one write to the disk. One that makes the file longer takes another for the file system's own journal: two thirds
 * more time, and half as much CPU time again (`bench/journal.ts`; ext4). No line holds a NUL, so that what is room is
 * told from what was written.
 */
export class SegmentRoom {
  readonly #path: string;
  readonly #disk: Disk;
  /** up to where there are zeros, and durable */
  #end = 0;
  /** where the zeros begin that are being written */
  #fillsFrom = Number.POSITIVE_INFINITY;
  #filling: Promise<void> | undefined;
  /** It is a help, no need: a disk that has no room for it has some for lines, or will say so. */
  #hasFailed = false;

  constructor(path: string, disk: Disk) {
    this.#path = path;
    this.#disk = disk;
  }

  /** Lines are about to be written up to `end`. Undefined unless they have to wait, lest zeros are written over them. */
  claim(end: number): Promise<void> | undefined {
    return end > this.#fillsFrom ? this.#filling : undefined;
  }

  /** Lines have been written up to `end`. */
  grow(end: number): void {
    if (end < ROOM_FROM || this.#end - end >= LEAST_ROOM || this.#filling !== undefined || this.#hasFailed) return;
    this.#fillsFrom = this.#end > end ? this.#end : end + LEAST_ROOM;
    this.#filling = this.#fill(this.#fillsFrom)
      .catch(() => {
        this.#hasFailed = true;
      })
      .finally(() => {
        this.#filling = undefined;
        this.#fillsFrom = Number.POSITIVE_INFINITY;
      });
  }

  /** Makes no more; resolves when nothing is written any longer. */
  async end(): Promise<void> {
    this.#hasFailed = true;
    await this.#filling;
  }

  async #fill(from: number): Promise<void> {
    const { open, write, close } = this.#disk;
    // Its own: of an error that the disk reports late, each descriptor is told once.
    const fd = await open(this.#path, O_WRONLY | O_DSYNC);
    try {
      const zeros = Buffer.alloc(ROOM_BYTES);
      for (let written = 0; written < ROOM_BYTES; ) {
        const { bytesWritten } = await write(fd, zeros, written, ROOM_BYTES - written, from + written);
        written += bytesWritten;
      }
      this.#end = from + ROOM_BYTES;
    } finally {
      await close(fd);
    }
  }
}
