import { closeSync, existsSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { sqliteMigrations } from "../migrations/sqlite.ts";
import { type Change, NotAStore, type Store, StoreUnavailable, type Transaction } from "../store.ts";
import { SqliteReader, SqliteTransaction } from "./connection.ts";

/** "SRKM": marks a SQLite file as a store of ours (PRAGMA application_id). */
const APPLICATION_ID = 0x53524b4d;
/** Transactions that share one commit, at most. */
const GROUP_LIMIT = 256;
/** How long a transaction waits for another process's to end. */
const BUSY_LIMIT_MS = 10_000;
const BUSY_RETRY_MS = 2;
/** How late other processes' changes may be heard of, where strictness is not asked for. */
const LAX_REFRESH_MS = 50;

export interface SqliteStoreOptions {
  /**
   * Other processes serve from this store too: what they have acknowledged is heard of by the very next refresh.
   * Otherwise it may take {@link LAX_REFRESH_MS}, and costs nothing for each request.
   */
  readonly shared?: boolean;
}

interface Job {
  readonly run: (transaction: Transaction) => Promise<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The embedded store: one SQLite file in WAL mode, `synchronous=FULL`. Transactions that wait at the same time share a
 * commit, and so the one fsync that it costs. Two connections: what is not committed is never read by others.
 */
export class SqliteStore extends SqliteReader implements Store {
  readonly #reading: DatabaseSync;
  readonly #writing: DatabaseSync;
  readonly #transaction: SqliteTransaction;
  readonly #listeners: ((change: Change) => void)[] = [];
  #jobs: Job[] = [];
  #draining: Promise<void> | undefined;
  readonly #shared: boolean;
  readonly #laxTimer: NodeJS.Timeout | undefined;
  #fresh = false;
  #dataVersion: number;
  #seenChange: number;

  private constructor(reading: DatabaseSync, writing: DatabaseSync, shared: boolean) {
    super(reading);
    this.#reading = reading;
    this.#writing = writing;
    this.#transaction = new SqliteTransaction(writing);
    this.#shared = shared;
    if (!shared) this.#laxTimer = setInterval(this.#stale, LAX_REFRESH_MS).unref();
    this.#dataVersion = this.dataVersion();
    this.#seenChange = this.lastChange();
  }

  /** Opens the store at `path`, makes it if there is none, and migrates it. @throws NotAStore */
  static open(path: string, options: SqliteStoreOptions = {}): SqliteStore {
    let writing: DatabaseSync | undefined;
    try {
      // Its owner's alone from the first moment; SQLite gives its other files the mode of this one.
      if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
      writing = new DatabaseSync(path);
      writing.exec(
        "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON",
      );
      migrate(writing, path);
      writing.exec("PRAGMA busy_timeout = 0");
      const reading = new DatabaseSync(path, { timeout: 1000 });
      reading.exec("PRAGMA query_only = ON");
      return new SqliteStore(reading, writing, options.shared === true);
    } catch (error) {
      writing?.close();
      throw error instanceof NotAStore ? error : notAStore(path, error as Error);
    }
  }

  transaction<T>(run: (transaction: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ run, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    // One turn later, so that all requests that this turn reads from their sockets share the first commit.
    await new Promise(setImmediate);
    while (this.#jobs.length > 0) {
      const group = this.#jobs.splice(0, GROUP_LIMIT);
      try {
        await this.#begin();
        const settle = await this.#runGroup(group);
        this.#writing.exec("COMMIT");
        this.#obeyCommitted();
        for (const done of settle) done();
      } catch (error) {
        if (this.#writing.isTransaction) this.#writing.exec("ROLLBACK");
        const unavailable = error instanceof StoreUnavailable ? error : new StoreUnavailable((error as Error).message);
        for (const job of group) job.reject(unavailable);
      }
    }
    this.#draining = undefined;
  }

  /** What is acknowledged from here on is obeyed from here on. Should this fail, the commit stands, and the next refresh hears of it. */
  #obeyCommitted(): void {
    try {
      this.#fresh = false;
      this.refresh();
    } catch {
      this.#fresh = false;
    }
  }

  /** Takes SQLite's one write lock; another process may hold it for a moment. */
  async #begin(): Promise<void> {
    const until = performance.now() + BUSY_LIMIT_MS;
    for (;;) {
      try {
        this.#writing.exec("BEGIN IMMEDIATE");
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > until) throw error;
        await delay(BUSY_RETRY_MS);
      }
    }
  }

  /** Runs each job within a savepoint, so that one that throws takes only itself back. Returns how to answer each, once committed. */
  async #runGroup(group: readonly Job[]): Promise<(() => void)[]> {
    const settle: (() => void)[] = [];
    for (const job of group) {
      this.#writing.exec("SAVEPOINT job");
      try {
        const value = await job.run(this.#transaction);
        this.#writing.exec("RELEASE job");
        settle.push(() => job.resolve(value as never));
      } catch (error) {
        if (!this.#writing.isTransaction) throw error; // SQLite gave the whole transaction up: disk full, I/O error
        this.#writing.exec("ROLLBACK TO job; RELEASE job");
        settle.push(() => job.reject(isSqliteError(error) ? new StoreUnavailable((error as Error).message) : error));
      }
    }
    this.#transaction.pruneChanges();
    return settle;
  }

  readonly #stale = (): void => {
    this.#fresh = false;
  };

  refresh(): void {
    // Where the store is shared, once a turn of the event loop is enough: whatever was acknowledged before a request was sent had been committed
    // before this turn's poll saw that request.
    if (this.#fresh) return;
    this.#fresh = true;
    if (this.#shared) setImmediate(this.#stale);
    const version = this.dataVersion();
    if (version === this.#dataVersion) return;
    this.#dataVersion = version;
    const { changes, last, gap } = this.changesAfter(this.#seenChange);
    this.#seenChange = last;
    if (gap) this.#tell({ kind: "everything" });
    else for (const change of changes) this.#tell(change);
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    clearInterval(this.#laxTimer);
    await this.#draining;
    this.#reading.close();
    this.#writing.close();
  }
}

function migrate(database: DatabaseSync, path: string): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const pragma = (name: string) => database.prepare(`PRAGMA ${name}`).get()?.[name] as number;
    const version = pragma("user_version");
    const tables = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n as number;
    if (pragma("application_id") !== APPLICATION_ID && (version !== 0 || tables !== 0)) {
      throw new NotAStore(`${path} is a SQLite database, but not one of Strongroom's. Nothing was changed.`);
    }
    if (version > sqliteMigrations.length) {
      throw new NotAStore(
        `${path} has schema version ${version}, this version of Strongroom knows ${sqliteMigrations.length}: it was used by a newer version. Nothing was changed.`,
      );
    }
    for (const step of sqliteMigrations.slice(version)) database.exec(step);
    if (version < sqliteMigrations.length) {
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${sqliteMigrations.length}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function notAStore(path: string, error: Error): NotAStore {
  return new NotAStore(
    `the store ${path} cannot be opened: ${error.message}. Nothing was changed. If it is damaged, restore it from your backup.`,
  );
}

function isSqliteError(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ERR_SQLITE_ERROR";
}

const SQLITE_BUSY = 5;
function isBusy(error: unknown): boolean {
  return isSqliteError(error) && ((error as { errcode: number }).errcode & 0xff) === SQLITE_BUSY;
}
