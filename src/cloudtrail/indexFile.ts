import { existsSync, rmSync, statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { PostingDamaged } from "./postings.ts";

/** Another one, or none, has the file made anew. */
const VERSION = 2;
/** "SrIx": https://www.sqlite.org/pragma.html#pragma_application_id */
const APPLICATION_ID = 0x53724978;

/**
 * - `stream`: up to where each stream of the journal is in the index; `offset` is where its next line begins.
 * - `block`: where the lines of some events are, by the first one's number (eventBlocks.ts); their text is the journal's alone.
 * - `list`: what events are listed by; `kind` by KINDS.
 * - `piece`: a part of a list, by its first number (postings.ts).
 */
const SCHEMA = `
  CREATE TABLE stream (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    segment INTEGER NOT NULL, offset INTEGER NOT NULL, sequence INTEGER NOT NULL, hash TEXT NOT NULL
  ) STRICT;
  CREATE TABLE block (first INTEGER PRIMARY KEY, rest BLOB NOT NULL) STRICT;
  CREATE TABLE list (
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, value TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    UNIQUE (kind, value, account, region)
  ) STRICT;
  CREATE TABLE piece (
    id INTEGER PRIMARY KEY, list INTEGER NOT NULL, first INTEGER NOT NULL, rest BLOB NOT NULL,
    UNIQUE (list, first)
  ) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/** How long to wait for another process that writes; milliseconds. */
const BUSY_TIMEOUT = 2_000;

/** The index's file, a SQLite database. It holds nothing that the journal has not, and is made anew when it is lost. */
export class IndexFile {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly #identity: string;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.database = database;
    this.#identity = identityOf(path);
  }

  /** Opens the file, which is made, or made anew, if it is not there or none of this version. @throws SQLite's errors */
  static openForWriting(path: string): { readonly file: IndexFile; readonly isNew: boolean } {
    for (let attempt = 0; ; attempt++) {
      let database: DatabaseSync | undefined;
      try {
        database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
        // Nothing is lost with what the disk has not yet: it is read from the journal again. But what is there is whole.
        database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536");
        const isNew = create(database);
        return { file: new IndexFile(path, database), isNew };
      } catch (error) {
        database?.close();
        if (attempt > 0 || !(error instanceof OtherVersion || isDamage(error))) throw error;
        removeIndex(path);
      }
    }
  }

  /** Undefined where there is none of this version. @throws SQLite's errors */
  static openForReading(path: string): IndexFile | undefined {
    if (!existsSync(path)) return undefined;
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT, readOnly: true });
      database.exec("PRAGMA cache_size = -16384");
      if (versionOf(database) === "ours") return new IndexFile(path, database);
    } catch (error) {
      if (!isDamage(error)) {
        database?.close();
        throw error;
      }
    }
    database?.close();
    return undefined;
  }

  /** Whether this is still the file at its path. It is not, once another process has made the index anew. */
  get isCurrent(): boolean {
    return identityOf(this.path) === this.#identity;
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  one(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  /** @returns the id of the row that was inserted last */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#statement(sql).run(...values).lastInsertRowid as number;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  close(): void {
    this.database.close();
  }
}

export type Row = Readonly<Record<string, number | string | Uint8Array>>;

class OtherVersion extends Error {}

/** @returns whether there was nothing before */
function create(database: DatabaseSync): boolean {
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(database);
    if (version === "other") throw new OtherVersion();
    if (version === "empty") database.exec(SCHEMA);
    database.exec("COMMIT");
    return version === "empty";
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function versionOf(database: DatabaseSync): "ours" | "empty" | "other" {
  const { application_id, user_version } = {
    ...database.prepare("PRAGMA application_id").get(),
    ...database.prepare("PRAGMA user_version").get(),
  };
  if (application_id === APPLICATION_ID && user_version === VERSION) return "ours";
  const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n;
  return application_id === 0 && tables === 0 ? "empty" : "other";
}

export function removeIndex(path: string): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
}

/** Of a file, whatever is written to it. A new file may get the inode of one that was just removed. */
function identityOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? "" : `${stat.ino} ${stat.birthtimeNs}`;
}

/** Whether the file is not what it was when it was written: https://www.sqlite.org/rescode.html. */
export function isDamage(error: unknown): boolean {
  const { code, errcode, message } = error as Error & { code?: string; errcode?: number };
  if (error instanceof PostingDamaged || code === "ERR_OUT_OF_RANGE") return true;
  if (errcode === undefined) return false;
  return DAMAGE.includes(errcode & 0xff) || /^no such (?:table|column)/.test(message);
}

/** SQLITE_CORRUPT, SQLITE_NOTADB */
const DAMAGE = [11, 26];
