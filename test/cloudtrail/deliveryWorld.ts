import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { pino } from "pino";
import { openService, type Service } from "../../src/cli/service.ts";
import { DeliveryError, type Destination } from "../../src/cloudtrail/delivery/destination.ts";
import { DirectoryDestination } from "../../src/cloudtrail/delivery/directory.ts";
import { journalSource } from "../../src/cloudtrail/delivery/journalSource.ts";
import { Journal } from "../../src/cloudtrail/journal.ts";
import { writePublicKey } from "../../src/cloudtrail/publicKeyFiles.ts";
import { type TrailRecord, trailArn } from "../../src/cloudtrail/trail.ts";
import { Delivery } from "../../src/jobs/delivery.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const ACCOUNT = "000000000000";
/** 2026-11-23T10:00:00Z */
export const TEN = Date.UTC(2026, 10, 23, 10);

export const trailRecord = (change: Partial<TrailRecord> = {}): TrailRecord => ({
  account: ACCOUNT,
  region: "us-east-1",
  name: "all",
  bucket: "logs",
  prefix: null,
  multiRegion: true,
  globalServiceEvents: true,
  validatedSince: TEN,
  recursiveLogging: true,
  selectors: null,
  tags: [],
  logging: [{ from: TEN, to: null }],
  ...change,
});

/** A store, an HSM, a journal of one stream and a directory to deliver to, with a clock of its own. */
export class DeliveryWorld {
  readonly directory: string;
  readonly delivered: string;
  readonly publicKeys: string;
  now = TEN;
  digestInterval = HOUR;
  /** what puts fail with, while it is set */
  failing: DeliveryError | undefined;
  readonly puts: string[] = [];
  readonly failures: string[] = [];
  readonly service: Service;
  readonly journal: Journal;
  delivery: Delivery;
  #events = 0;

  private constructor(open: { service: Service; journal: Journal; directory: string }) {
    this.directory = open.directory;
    this.delivered = join(this.directory, "audit", "delivered");
    this.publicKeys = join(this.directory, "audit", "public-keys");
    this.service = open.service;
    this.journal = open.journal;
    this.delivery = this.restarted();
  }

  static async open(): Promise<DeliveryWorld> {
    const directory = mkdtempSync(join(tmpdir(), "strongroom-delivery-"));
    const service = await openService({
      data: directory,
      account: ACCOUNT,
      rootKey: "file",
      clock: () => TEN,
      log: pino({ level: "silent" }),
    });
    const journal = await Journal.open({ directory: join(directory, "audit"), stream: "00" });
    const world = new DeliveryWorld({ service, journal, directory });
    mkdirSync(join(world.delivered, "logs"), { recursive: true });
    return world;
  }

  /** Delivery as after a restart of the process. */
  restarted(): Delivery {
    const { store, hsm } = this.service.kms;
    const directory = new DirectoryDestination(this.delivered);
    const destination: Destination = {
      description: "a test's",
      checkBucket: (bucket) => directory.checkBucket(bucket),
      putObject: async (bucket, key, body, metadata) => {
        if (this.failing !== undefined) throw this.failing;
        this.puts.push(key);
        await directory.putObject(bucket, key, body, metadata);
      },
    };
    this.delivery = new Delivery({
      store,
      hsm,
      destination,
      clock: () => this.now,
      interval: 5 * MINUTE,
      digestInterval: this.digestInterval,
      journal: journalSource(join(this.directory, "audit")),
      keyMade: (key) => writePublicKey(this.publicKeys, key),
      failed: (trail, error) => this.failures.push(`${trail} ${error.code}`),
    });
    return this.delivery;
  }

  async put(trail: TrailRecord): Promise<string> {
    const arn = trailArn(trail);
    await this.service.kms.store.transaction((transaction) => transaction.putTrail(arn, trail));
    return arn;
  }

  /** Puts an event of now on record. @returns its id */
  async event(change: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const eventID = `event-${++this.#events}`;
    await this.journal.append(
      JSON.stringify({
        eventVersion: "1.11",
        userIdentity: { type: "Root", arn: `arn:aws:iam::${ACCOUNT}:root` },
        eventTime: `${new Date(this.now).toISOString().slice(0, 19)}Z`,
        eventSource: "kms.amazonaws.com",
        eventName: "Encrypt",
        awsRegion: "us-east-1",
        eventID,
        readOnly: true,
        eventType: "AwsApiCall",
        eventCategory: "Management",
        recipientAccountId: ACCOUNT,
        ...change,
      }),
    );
    return eventID;
  }

  /** Moves the clock on, with what happens by itself meanwhile. */
  async pass(time: number, step = MINUTE): Promise<void> {
    for (const end = this.now + time; this.now < end; ) {
      this.now = Math.min(end, this.now + step);
      await this.delivery.run();
    }
  }

  /** Keys of what is in a bucket, sorted. */
  objects(pattern: RegExp, bucket = "logs"): string[] {
    const top = join(this.delivered, bucket);
    return readdirSync(top, { recursive: true, encoding: "utf8" })
      .filter((key) => pattern.test(key) && statSync(join(top, key)).isFile())
      .sort();
  }

  logs(bucket?: string): string[] {
    return this.objects(/\/CloudTrail\/.*\.json\.gz$/, bucket);
  }

  digests(bucket?: string): string[] {
    return this.objects(/\/CloudTrail-Digest\/.*\.json\.gz$/, bucket);
  }

  text(key: string, bucket = "logs"): string {
    return gunzipSync(readFileSync(join(this.delivered, bucket, key))).toString("utf8");
  }

  // biome-ignore lint/suspicious/noExplicitAny: digests and records have their own shapes
  json(key: string, bucket?: string): any {
    return JSON.parse(this.text(key, bucket));
  }

  /** Ids of all events in these log files, in their order. */
  eventIds(keys = this.logs()): string[] {
    return keys.flatMap((key) => this.json(key).Records.map(({ eventID }: { eventID: string }) => eventID));
  }

  async close(): Promise<void> {
    await this.journal.close();
    await this.service.close();
    rmSync(this.directory, { recursive: true });
  }
}

export { DeliveryError };
