import * as fs from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { SegmentRoom } from "./segmentRoom.ts";

/** What a segment is written with: node:fs, or in tests a disk that fails. File descriptors, as they cost less than file handles. */
export interface Disk {
  open(path: string, flags: number, mode?: number): Promise<number>;
  write(
    fd: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>;
  fdatasync(fd: number): Promise<void>;
  fsync(fd: number): Promise<void>;
  ftruncate(fd: number, bytes: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  stat(path: string): Promise<{ ino: number }>;
  fstat(fd: number): Promise<{ ino: number }>;
  close(fd: number): Promise<void>;
}

export const disk: Disk = {
  open: promisify(fs.open),
  write: promisify(fs.write),
  fdatasync: promisify(fs.fdatasync),
  fsync: promisify(fs.fsync),
  ftruncate: promisify(fs.ftruncate),
  rename: promisify(fs.rename),
  stat: promisify(fs.stat),
  fstat: promisify(fs.fstat),
  close: promisify(fs.close),
};

const { O_CREAT, O_DSYNC, O_RDONLY, O_TRUNC, O_WRONLY } = fs.constants;

/**
 * With O_DSYNC a write returns when it is durable, as fdatasync would make it: one call on the thread pool instead of two
 * (a third less time at one event a write). On macOS it does not reach the platter; fdatasync, as libuv does it, does.
 */
const WRITES_CAN_SYNC = process.platform === "linux";

/** What a file is called before it is whole; a segment never ends so. */
export const UNFINISHED = ".new";

/** A segment that is being written. Each of its functions rejects with the system's error, after which only `abandon` may follow. */
export class SegmentFile {
  readonly name: string;
  readonly #path: string;
  /** up to the end of what was appended */
  bytes: number;
  /** up to where it is durable */
  durableBytes: number;
  readonly #disk: Disk;
  readonly #fd: number;
  readonly #syncsAfterWrite: boolean;
  readonly #room: SegmentRoom | undefined;

  private constructor(path: string, fd: number, disk: Disk, bytes: number, durably: boolean) {
    this.name = basename(path);
    this.#path = path;
    this.#fd = fd;
    this.#disk = disk;
    this.#syncsAfterWrite = durably && !WRITES_CAN_SYNC;
    this.#room = durably && WRITES_CAN_SYNC ? new SegmentRoom(path, disk) : undefined;
    this.bytes = bytes;
    this.durableBytes = bytes;
  }

  /**
   * A new segment that holds `text`; it and its name are durable when this resolves, and before there is none of this name.
   * @param durably whether what is appended shall be durable when `append` resolves, or only after `sync`
   */
  static async create(directory: string, name: string, text: string, durably: boolean, disk: Disk) {
    const path = join(directory, name);
    const flags = O_CREAT | O_WRONLY | O_TRUNC | (durably && WRITES_CAN_SYNC ? O_DSYNC : 0);
    const fd = await disk.open(path + UNFINISHED, flags, 0o600);
    try {
      const bytes = Buffer.from(text);
      await writeAll(disk, fd, bytes, 0);
      await disk.fsync(fd);
      await disk.rename(path + UNFINISHED, path);
      await syncDirectory(directory, disk);
      return new SegmentFile(path, fd, disk, bytes.length, durably);
    } catch (error) {
      await disk.close(fd);
      throw error;
    }
  }

  async append(text: string, durably: boolean): Promise<void> {
    const bytes = Buffer.from(text);
    const waiting = this.#room?.claim(this.bytes + bytes.length);
    if (waiting !== undefined) await waiting;
    await writeAll(this.#disk, this.#fd, bytes, this.bytes);
    this.bytes += bytes.length;
    if (this.#syncsAfterWrite) await this.#disk.fdatasync(this.#fd);
    if (durably) this.durableBytes = this.bytes;
    this.#room?.grow(this.bytes);
  }

  async sync(): Promise<void> {
    const { bytes } = this;
    await this.#disk.fdatasync(this.#fd);
    this.durableBytes = bytes;
  }

  /**
   * Whether the file at the segment's path is another one, or none: someone has removed it, moved it, or put a copy in its
   * place, and nobody will find what is written to this one.
   */
  async isRemoved(): Promise<boolean> {
    const { ino } = await this.#disk.fstat(this.#fd);
    const there = await this.#disk.stat(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    return there?.ino !== ino;
  }

  /** Makes the file end where what was appended does: it is complete. */
  async finish(): Promise<void> {
    if (this.#room === undefined) return;
    await this.#room.end();
    await this.#disk.ftruncate(this.#fd, this.bytes);
    await this.#disk.fsync(this.#fd);
  }

  /** Tries to cut off what is not durable, and closes the file. */
  async abandon(): Promise<void> {
    await this.#room?.end();
    // A disk that has failed may fail at this as well; the next segment says up to where this one counts.
    await this.#disk.ftruncate(this.#fd, this.durableBytes).catch(() => undefined);
    await this.close().catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#disk.close(this.#fd);
  }
}

async function writeAll(disk: Disk, fd: number, bytes: Buffer, position: number): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await disk.write(fd, bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

/** Makes durable which files a directory holds. */
export async function syncDirectory(directory: string, { open, fsync, close }: Disk = disk): Promise<void> {
  const fd = await open(directory, O_RDONLY);
  await fsync(fd).finally(() => close(fd));
}

/** Makes durable what a killed process may have left in the system's memory only. */
export async function syncFile(path: string, { open, fsync, close }: Disk = disk): Promise<void> {
  const fd = await open(path, fs.constants.O_RDWR);
  await fsync(fd).finally(() => close(fd));
}
