import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const FILE = "lock";

/** Another process, or this one, writes the stream already. */
export class StreamLocked extends Error {
  constructor(directory: string) {
    super(`the audit stream ${directory} is being written by another process`);
  }
}

/**
 * Makes this the one process that writes the stream, until `release` is called or the process ends, however it ends: the
 * lock is the kernel's. Node.js has no call for one (fcntl, flock), but SQLite takes one on an empty database. A file
 * with a process id instead would name nobody, or somebody else, as soon as two containers share the directory.
 *
 * The kernel drops the lock when this process closes the file by any other way: nothing else may open it.
 * @throws StreamLocked
 */
export function lockStream(directory: string): { release(): void } {
  const database = new DatabaseSync(join(directory, FILE), { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw (error as { errcode?: number }).errcode === SQLITE_BUSY ? new StreamLocked(directory) : error;
  }
  return { release: () => database.close() };
}

/** https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
