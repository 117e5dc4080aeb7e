import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { BackgroundIndex } from "../cloudtrail/backgroundIndex.ts";
import type { CloudTrail } from "../cloudtrail/operation.ts";
import { addDomainKeys } from "../hsm/domainKeys.ts";
import { type Hsm, RootKeyError } from "../hsm/hsm.ts";
import { SoftwareHsm } from "../hsm/software/softwareHsm.ts";
import { newAccount, rootAccessKey } from "../iam/account.ts";
import { Credentials as AccessCredentials } from "../iam/credentials.ts";
import { Identities } from "../iam/identities.ts";
import type { Iam } from "../iam/operation.ts";
import { Grants } from "../kms/grants.ts";
import { Keys } from "../kms/keys.ts";
import type { Kms } from "../kms/operation.ts";
import { SqliteStore } from "../store/sqlite/sqliteStore.ts";
import type { Store } from "../store/store.ts";
import { attestationOf } from "./attestationRoot.ts";
import { type DeliveryOptions, defaultDelivery } from "./auditOptions.ts";
import { auditDirectory } from "./auditTrail.ts";
import {
  type Credentials,
  chosenCredentials,
  newCredentials,
  readCredentials,
  writeCredentials,
} from "./credentials.ts";
import { newRootKey, openRootKey, type RootKeyOptions } from "./rootKey.ts";

export const DEFAULT_ACCOUNT = "000000000000";
const ACCESS_KEY_ID_VARIABLE = "STRONGROOM_BOOTSTRAP_ACCESS_KEY_ID";
const SECRET_VARIABLE = "STRONGROOM_BOOTSTRAP_SECRET_ACCESS_KEY";

export interface ServiceOptions extends RootKeyOptions {
  /** indexes the audit trail: one process of a data directory does */
  readonly indexes?: boolean;
  /** where another process does: waits until that has caught up, so many milliseconds at most */
  readonly catchUp?: (limit: number) => Promise<void>;
  /** how trails' log files are delivered */
  readonly delivery?: DeliveryOptions | undefined;
  /** Regions served; every Region when undefined */
  readonly regions?: readonly string[] | undefined;
  /** the account that a first start creates */
  readonly account: string;
  /** a file of certificates (PEM) that attestation documents must come from; none are trusted when undefined */
  readonly attestationRoot?: string | undefined;
  /** milliseconds since the epoch; tests move it */
  readonly clock?: () => number;
  /** other processes serve from the same data directory: workers */
  readonly shared?: boolean;
  readonly log: Logger;
}

/** The parts put together, without an edge: what every command works with. */
export interface Service {
  readonly kms: Kms;
  readonly iam: Iam;
  readonly cloudTrail: CloudTrail;
  /** the index of the audit trail; nothing is indexed until it is told to follow */
  readonly lookup: BackgroundIndex;
  /** the account that the first start made */
  readonly account: string;
  /** true when this start made the store */
  readonly isNew: boolean;
  close(): Promise<void>;
}

/** Where a data directory has its things. */
export function dataPaths(data: string) {
  return {
    store: join(data, "strongroom.db"),
    credentials: join(data, "credentials"),
    endpoint: join(data, "endpoint.json"),
    tls: join(data, "tls"),
  };
}

/** Where the credentials of a further account's root are put when the account is made. */
export function accountCredentials(data: string, account: string): string {
  return join(data, "accounts", account, "credentials");
}

/**
 * Opens the data directory; a new one is given its store, root key, first account and credentials.
 * @throws RootKeyError, NotAStore: with nothing changed
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const attestation = await attestationOf(options); // first, so that a mistake in it leaves everything as it is
  await mkdir(options.data, { recursive: true, mode: 0o700 });
  const store = SqliteStore.open(dataPaths(options.data).store, { shared: options.shared === true });
  try {
    const storeId = await store.setting("store-id");
    const isNew = storeId === undefined;
    const hsm = isNew ? await found(store, options) : await reopen(store, storeId, options);
    const clock = options.clock ?? Date.now;
    const identities = new Identities(store);
    const iam: Iam = { store, hsm, identities, credentials: new AccessCredentials(store, hsm), clock };
    const kms: Kms = {
      store,
      hsm,
      keys: new Keys(store, hsm, clock),
      grants: new Grants(store),
      identities,
      attestation,
      clock,
      servesRegion: regionFilter(options.regions),
    };
    const lookup = auditIndex(options);
    const { destination } = options.delivery ?? defaultDelivery(options.data);
    const cloudTrail: CloudTrail = { store, hsm, iam, clock, servesRegion: kms.servesRegion, destination, lookup };
    store.onChange((change) => {
      if (change.kind !== "domainKey" && change.kind !== "everything") return;
      addDomainKeys(store, hsm).catch((error) =>
        options.log.error({ err: error }, "a new domain key cannot be opened"),
      );
    });
    const account = (await store.setting("account")) ?? options.account;
    const close = async () => {
      await lookup.close();
      await store.close();
    };
    return { kms, iam, cloudTrail, lookup, account, isNew, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

const JOURNAL_LOST =
  "the audit journal has lost entries that were in it. A disk that failed explains that, with --audit batched a power failure as well; else someone has removed them: see what the digests say (strongroom audit verify)";

function auditIndex({ data, indexes = false, catchUp, log }: ServiceOptions): BackgroundIndex {
  return new BackgroundIndex({
    directory: auditDirectory(data),
    writes: indexes,
    ...(catchUp && { catchUpElsewhere: catchUp }),
    report({ kind, reason }) {
      if (kind === "lost") log.error({ reason }, JOURNAL_LOST);
      else if (kind === "rebuilding") log.info({ reason }, "the index of the audit trail is made anew");
      else log.error({ reason }, "the audit trail cannot be indexed, and it is tried again");
    },
  });
}

/** For commands that work on what a server has made: never makes anything. Logs nothing; errors are thrown. */
export async function openExistingService(options: RootKeyOptions): Promise<Service> {
  if (!existsSync(dataPaths(options.data).store)) {
    throw new Error(
      `there is no store in ${options.data}. Start the server there first: strongroom serve --data ${options.data}`,
    );
  }
  return openService({ ...options, account: DEFAULT_ACCOUNT, log: pino({ level: "silent" }) });
}

async function reopen(store: Store, storeId: string, options: ServiceOptions): Promise<Hsm> {
  const setting = await store.setting("root-key");
  if (setting === undefined)
    throw new RootKeyError(`the store in ${options.data} does not say how its root key is kept: it is damaged.`);
  const hsm = new SoftwareHsm(await openRootKey(options, JSON.parse(setting)), storeId);
  await addDomainKeys(store, hsm);
  if (hsm.activeDomainKey === 0)
    throw new RootKeyError(`the store in ${options.data} has no domain key: it is damaged.`);
  return hsm;
}

/**
 * Makes the first things of a new store. Cut short at any point, the next start goes on: the root key file and the
 * credentials file are taken as they are found, and the store's part is one transaction.
 */
async function found(store: Store, options: ServiceOptions): Promise<Hsm> {
  const { provider, setting, created } = await newRootKey(options);
  if (created !== undefined) {
    options.log.warn(
      { path: created },
      "made a new root key. Keep a copy of this file elsewhere: without it nothing in this store can be decrypted, and whoever has it and the store can decrypt everything",
    );
  }
  if (created === undefined && setting.provider === "file") {
    options.log.warn(
      "there is a root key but an empty store: a first start that was cut short leaves that, and so does a store that was lost. If there should be keys here, stop and restore the store from your backup",
    );
  }
  const storeId = randomUUID();
  const hsm = new SoftwareHsm(provider, storeId);
  const now = (options.clock ?? Date.now)();
  const domainKey = await hsm.generateDomainKey(1, now);
  await hsm.addDomainKey(domainKey);
  const { credentials: path } = dataPaths(options.data);
  const credentials = environmentCredentials() ?? (await readCredentials(path)) ?? newCredentials();
  await writeCredentials(path, credentials);
  await store.transaction(async (transaction) => {
    await transaction.putSetting("store-id", storeId);
    await transaction.putSetting("root-key", JSON.stringify(setting));
    await transaction.putSetting("account", options.account);
    await transaction.putDomainKey(domainKey);
    await transaction.putAccount(newAccount(options.account, "", now));
    const secret = hsm.wrapAccessKeySecret(credentials.accessKeyId, credentials.secretAccessKey);
    await transaction.putAccessKey(rootAccessKey(credentials.accessKeyId, options.account, secret, now));
  });
  return hsm;
}

/** The form of a Region's name. Each name in this form is a Region, unless the operator restricts them. */
const REGION = /^[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}$/;

function regionFilter(regions: readonly string[] | undefined): (region: string) => boolean {
  if (regions === undefined) return (region) => REGION.test(region);
  const allowed = new Set(regions);
  return (region) => allowed.has(region);
}

function environmentCredentials(): Credentials | undefined {
  const { [ACCESS_KEY_ID_VARIABLE]: accessKeyId, [SECRET_VARIABLE]: secret } = process.env;
  if (!accessKeyId && !secret) return undefined;
  if (!accessKeyId || !secret)
    throw new Error(`${ACCESS_KEY_ID_VARIABLE} and ${SECRET_VARIABLE} must be set both or neither`);
  try {
    return chosenCredentials(accessKeyId, secret);
  } catch (error) {
    throw new Error(`${ACCESS_KEY_ID_VARIABLE}, ${SECRET_VARIABLE}: ${(error as Error).message}`);
  }
}
