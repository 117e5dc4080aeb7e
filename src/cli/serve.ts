import cluster from "node:cluster";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { pino } from "pino";
import type { Jobs } from "../jobs/repeating.ts";
import type { TlsMaterial } from "../server/tls/certificate.ts";
import { trustInstructions } from "../server/tls/tls.ts";
import { type AuditFlags, auditOptions, deliveryOptions, retentionOptions } from "./auditOptions.ts";
import type { AuditMode, AuditTrail } from "./auditTrail.ts";
import { environmentLines } from "./env.ts";
import { accountId, type RootKeyFlags, rootKeyOptions } from "./options.ts";
import {
  openTrail,
  type RunningServer,
  type ServerOptions,
  serverDefaults,
  startServer,
  startServiceJobs,
  tlsMaterial,
} from "./server.ts";
import { dataPaths, openService, type Service } from "./service.ts";
import { catchUpInPrimary, clusterExposition, reportToPrimary, startWorkers, type Workers } from "./workers.ts";

interface ServeFlags extends RootKeyFlags, AuditFlags {
  port: number;
  host: string;
  account: string;
  regions?: string[];
  tls?: "self-signed";
  tlsHostname?: string[];
  tlsCert?: string;
  tlsKey?: string;
  allowPlainHttp?: boolean;
  seed?: string;
  workers: number;
  quotas: "aws" | "none";
  attestationRoot?: string;
  audit: AuditMode;
  logLevel: string;
}

export function serveCommand(program: Command): void {
  const command = program
    .command("serve", { isDefault: false })
    .description("Run the key management service.")
    .option("--port <number>", "TCP port to listen on; 0 picks a free one", portNumber, serverDefaults.port)
    .option("--host <address>", "address to listen on", serverDefaults.host)
    .option("--account <id>", "account that the first start creates", accountId, serverDefaults.account)
    .option("--regions <names>", "comma-separated list of the Regions served; every Region if not given", list)
    .addOption(
      new Option("--tls <how>", "serve TLS with a certificate of a local CA made in DATA/tls").choices(["self-signed"]),
    )
    .option("--tls-hostname <names>", "comma-separated further names for the self-signed certificate", list)
    .option("--tls-cert <file>", "serve TLS with this certificate chain (PEM)")
    .option("--tls-key <file>", "private key of --tls-cert (PEM)")
    .option("--allow-plain-http", "allow plain HTTP on an address other than loopback; for use behind a TLS proxy only")
    .option("--seed <file>", "create the accounts and keys of this YAML file, those that are not there yet")
    .option("--workers <number>", "processes that share the port", positive, 1)
    .addOption(
      new Option("--quotas <which>", "requests a second that each account may make; aws: as many as there by default")
        .choices(["aws", "none"])
        .default("none"),
    )
    .addOption(
      new Option(
        "--audit <mode>",
        "strict: an answer leaves only once its record is on disk; batched: once it is written, and on disk 200 ms later",
      )
        .choices(["strict", "batched"])
        .default("strict"),
    )
    .option(
      "--attestation-root <file>",
      "trust attestation documents (Recipient) that these root certificates (PEM) vouch for; none if not given",
    )
    .addOption(
      new Option("--log-level <level>", "least level of the log on standard error; debug logs each request")
        .choices(["fatal", "error", "warn", "info", "debug"])
        .default("info"),
    );
  auditOptions(command);
  rootKeyOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ strongroom serve                                    # http://127.0.0.1:5397, everything in ./data
  $ strongroom serve --data /var/lib/strongroom --root-key passphrase --passphrase-file /run/secrets/root
  $ strongroom serve --host 0.0.0.0 --tls self-signed --tls-hostname kms.example.org
  $ strongroom serve --seed test-keys.yaml --workers 4

First start: makes the data directory with a store, a root key and credentials. STRONGROOM_BOOTSTRAP_ACCESS_KEY_ID and
STRONGROOM_BOOTSTRAP_SECRET_ACCESS_KEY choose the credentials; they are ignored from then on.
SIGTERM and SIGINT: stops accepting, answers what is under way, ends with status 0.`,
    )
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const log = pino({ level: flags.logLevel, base: { pid: process.pid } }, pino.destination({ fd: 2, sync: true }));
  const options: ServerOptions = {
    ...flags,
    data: resolve(flags.data),
    tls: tlsChoice(flags),
    shared: flags.workers > 1,
    auditMode: flags.audit,
    auditRetention: retentionOptions(flags),
    delivery: deliveryOptions(flags, resolve(flags.data)),
    quotas: flags.quotas === "aws" ? { workers: flags.workers } : undefined,
    log,
    ...(flags.seed !== undefined && { prepare: await seeding(flags.seed) }),
  };
  if (flags.workers === 1) return serveAlone(options);
  return cluster.isPrimary ? superviseWorkers(options, flags) : serveAsWorker(options);
}

/** Reads the seed file before anything is opened, so that a mistake in it leaves everything as it is. */
async function seeding(file: string): Promise<NonNullable<ServerOptions["prepare"]>> {
  const { readSeed, seedService } = await import("./seeding.ts"); // most starts read no YAML
  const seed = await readSeed(file);
  return async (service) => {
    await seedService(service.kms, seed, service.account);
  };
}

async function serveAlone(options: ServerOptions): Promise<void> {
  let server: RunningServer | undefined;
  onStop(options, async () => server?.close());
  server = await startServer(options);
  await greet(options, server.endpoint, server.service, server.tls);
}

/** The primary does what is done once: the first start, seeds, jobs. Workers serve. */
async function superviseWorkers(options: ServerOptions, flags: ServeFlags): Promise<void> {
  const { log } = options;
  let workers: Workers | undefined;
  let jobs: Jobs | undefined;
  let service: Service | undefined;
  let trail: AuditTrail | undefined;
  onStop(options, async () => {
    await workers?.stop();
    await jobs?.stop();
    await trail?.close();
    await service?.close();
  });
  const tls = await tlsMaterial(options); // made here once, found by the workers
  service = await openService({ ...options, indexes: true });
  await options.prepare?.(service);
  trail = await openTrail(options, service);
  workers = startWorkers(flags.workers, log, service.lookup);
  const endpoint = await workers.ready;
  jobs = startServiceJobs(service, trail, options);
  await greet(options, endpoint, service, tls);
}

async function serveAsWorker(options: ServerOptions): Promise<void> {
  let server: RunningServer | undefined;
  onStop(options, async () => {
    await server?.close();
    process.disconnect?.();
  });
  try {
    server = await startServer({
      ...options,
      prepare: undefined,
      jobs: false,
      exposition: clusterExposition,
      catchUp: catchUpInPrimary,
    });
  } catch (error) {
    await reportToPrimary({ strongroom: "failed", message: (error as Error).message });
    process.exit(1);
  }
  // A primary that was killed cannot stop its workers: they stop by themselves.
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  await reportToPrimary({ strongroom: "ready", endpoint: server.endpoint });
}

/** The lines a person needs. On standard output, apart from the log. */
async function greet(options: ServerOptions, endpoint: string, service: Service, tls?: TlsMaterial): Promise<void> {
  const { credentials } = dataPaths(options.data);
  const region = options.regions?.[0] ?? "us-east-1";
  const lines = [
    `Strongroom serves AWS KMS on ${endpoint}`,
    `  Region       ${options.regions?.join(", ") ?? `every Region, each with its own keys; ${region} for a start`}`,
    `  Account      ${service.account}`,
    `  Credentials  ${credentials} (profile default)`,
  ];
  if (service.isNew && options.rootKey === "file") {
    lines.push(
      `  Root key     ${options.rootKeyFile ?? join(options.data, "root.key")} - just made; back it up: without it no key can be opened`,
    );
  }
  if (tls) lines.push("", "Trust its certificate:", ...trustInstructions(tls, endpoint).map((line) => `  ${line}`));
  lines.push(
    "",
    "In another terminal:",
    ...environmentLines({ endpoint, region, credentials }).map((line) => `  ${line}`),
  );
  lines.push("  aws kms create-key", "");
  process.stdout.write(`${lines.join("\n")}\n`);
}

function onStop(options: ServerOptions, close: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    options.log.info({ signal }, "stopping");
    close().then(
      () => process.exit(0),
      (error) => {
        options.log.fatal({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function tlsChoice(flags: ServeFlags): ServerOptions["tls"] {
  const { tlsCert: cert, tlsKey: key } = flags;
  if (flags.tls !== undefined && (cert !== undefined || key !== undefined)) {
    throw new Error("--tls self-signed and --tls-cert/--tls-key exclude each other.");
  }
  if (flags.tls !== undefined) return { selfSigned: flags.tlsHostname ?? [] };
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new Error("--tls-cert and --tls-key are needed both.");
  return { cert, key };
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 256)
    throw new InvalidArgumentError("A number from 1 to 256 is needed.");
  return number;
}
