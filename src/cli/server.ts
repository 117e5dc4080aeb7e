import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import type { Retention } from "../cloudtrail/retention.ts";
import { type ServiceEvent, serviceRecord } from "../cloudtrail/serviceEvent.ts";
import { type JobsReport, startJobs } from "../jobs/jobs.ts";
import type { Jobs } from "../jobs/repeating.ts";
import { Authentication } from "../server/authentication.ts";
import { Dispatcher } from "../server/dispatch.ts";
import { Edge } from "../server/http.ts";
import { Metrics } from "../server/metrics.ts";
import { QueryService } from "../server/queryService.ts";
import { Quotas, type QuotasOptions } from "../server/quota.ts";
import { SigV4Verifier } from "../server/sigv4.ts";
import type { TlsMaterial } from "../server/tls/certificate.ts";
import { selfSigned } from "../server/tls/localCa.ts";
import { tlsServerOptions } from "../server/tls/serverOptions.ts";
import { tlsFromFiles } from "../server/tls/tls.ts";
import { deliverTrails } from "./auditDelivery.ts";
import { defaultDelivery } from "./auditOptions.ts";
import { type AuditMode, type AuditTrail, openAuditTrail } from "./auditTrail.ts";
import { cloudTrailService, kmsService } from "./jsonServices.ts";
import { queryServices } from "./queryServices.ts";
import { DEFAULT_ACCOUNT, dataPaths, openService, type Service, type ServiceOptions } from "./service.ts";

const JOBS_INTERVAL_MS = 5_000;
const WRITE_USE_MS = 60_000;
const CERTIFICATE_CHECK_MS = 86_400_000;

// Node's pool for small Buffers takes what is under half its size: at 8 KiB, a message of 4 KiB would cost an ArrayBuffer
// and its finalizer at each step. Measured: a fifth of a request's time.
Buffer.poolSize = 1 << 16;

export interface ServerOptions extends ServiceOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?:
    | { readonly selfSigned: readonly string[] }
    | { readonly cert: string; readonly key: string }
    | undefined;
  readonly allowPlainHttp?: boolean | undefined;
  /** strict: an answer leaves only once its record is durable; batched: once it is written */
  readonly auditMode?: AuditMode;
  /** how much of the journal is kept; all of it when undefined */
  readonly auditRetention?: Pick<Retention, "maxAge" | "maxBytes">;
  /** AWS's request quotas are enforced; none when undefined */
  readonly quotas?: QuotasOptions | undefined;
  /** done with the opened service before it serves */
  readonly prepare?: ((service: Service) => Promise<void>) | undefined;
  /** false where another process does them */
  readonly jobs?: boolean;
  /** makes of this process's metrics what GET /metrics answers; these alone when absent */
  readonly exposition?: ((own: Metrics) => () => Promise<string>) | undefined;
}

export const serverDefaults = {
  host: "127.0.0.1",
  port: 5397,
  data: "data",
  account: DEFAULT_ACCOUNT,
  rootKey: "file",
} as const;

export interface RunningServer {
  readonly endpoint: string;
  readonly service: Service;
  readonly jobs: Jobs | undefined;
  readonly metrics: Metrics;
  readonly tls: TlsMaterial | undefined;
  /** serves new connections with the certificate that is there by now; also happens once a day */
  renewCertificate(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the data directory and serves it. @throws Error for the operator, with nothing left running */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { log, host } = options;
  if (options.tls === undefined && !isLoopback(host) && !options.allowPlainHttp) {
    throw new Error(
      `plain HTTP on ${host} would send credentials' signatures and plaintext keys over the network readable by others. Use --tls self-signed or --tls-cert and --tls-key; or, where something in front does TLS, --allow-plain-http.`,
    );
  }
  const tls = await tlsMaterial(options);
  for (const warning of tls?.warnings ?? []) log.warn(warning);
  const service = await openService({ ...options, indexes: options.jobs !== false });
  const { kms, iam, cloudTrail } = service;
  try {
    await options.prepare?.(service);
  } catch (error) {
    await service.close();
    throw error;
  }
  const trail = await openTrail(options, service);
  const { audit } = trail;
  const metrics = new Metrics();
  metrics.watchAudit(audit);
  const authentication = new Authentication({
    verifier: new SigV4Verifier({
      services: ["kms"],
      regions: kms.servesRegion,
      keys: iam.credentials,
      now: Date.now,
    }),
    credentials: iam.credentials,
    identities: iam.identities,
    clock: kms.clock,
  });
  const failed = (error: unknown, operation: string) => log.error({ err: error, operation }, "a request failed");
  const quotas = options.quotas && new Quotas(options.quotas);
  const dispatcher = new Dispatcher({
    store: kms.store,
    authentication,
    services: [kmsService(kms), cloudTrailService(cloudTrail)],
    query: new QueryService({ iam, authentication, services: queryServices(), quotas, audit, failed }),
    quotas,
    audit,
    failed,
  });
  const edge = new Edge({
    dispatcher,
    metrics,
    unready: () => audit.fault,
    exposition: options.exposition?.(metrics) ?? (() => metrics.registry.metrics()),
    log,
    ...(tls && { tls: tlsServerOptions(tls) }),
  });
  try {
    await edge.listen(options.port, host);
  } catch (error) {
    await trail.close();
    await service.close();
    throw new Error(`cannot listen on ${host} port ${options.port}: ${(error as Error).message}`);
  }
  /** A self-signed certificate is renewed before it expires, and a given one may have been replaced. */
  async function renewCertificate(): Promise<void> {
    const current = await tlsMaterial(options);
    if (current === undefined) return;
    for (const warning of current.warnings) log.warn(warning);
    edge.replaceCertificate(tlsServerOptions(current));
  }
  const renewal = setInterval(() => {
    renewCertificate().catch((error) =>
      log.error({ err: error }, "the certificate cannot be read; the old one still serves"),
    );
  }, CERTIFICATE_CHECK_MS).unref();
  const writeUse = () =>
    Promise.all([iam.credentials.writeUse(), kms.keys.uses.write()]).catch((error) =>
      log.warn({ err: error }, "when keys and access keys were last used is not written"),
    );
  const useWriting = setInterval(writeUse, WRITE_USE_MS).unref();
  const { port } = edge.server.address() as AddressInfo;
  const endpoint = `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  await writeFile(dataPaths(options.data).endpoint, `${JSON.stringify({ endpoint, ca: tls?.caPath })}\n`);
  const jobs = options.jobs === false ? undefined : startServiceJobs(service, trail, options);
  return {
    endpoint,
    service,
    jobs,
    metrics,
    tls,
    renewCertificate,
    async close() {
      clearInterval(renewal);
      clearInterval(useWriting);
      await edge.close();
      await jobs?.stop();
      await writeUse();
      await trail.close();
      await service.close();
    },
  };
}

/** Opens the audit trail of a service. @throws what opening it throws, with the service closed */
export async function openTrail(options: ServerOptions, service: Service): Promise<AuditTrail> {
  try {
    const { data, auditMode: mode = "strict", auditRetention: retention = {}, log } = options;
    const { store, clock } = service.kms;
    return await openAuditTrail({ data, mode, retention, orphans: options.jobs !== false, store, clock, log });
  } catch (error) {
    await service.close();
    throw error;
  }
}

/** What happens by itself, with its reports in the log: the keys' own, and the delivery of log files. */
export function startServiceJobs(
  { kms, cloudTrail, lookup }: Service,
  trail: AuditTrail,
  options: ServerOptions,
): Jobs {
  const { data, log, delivery = defaultDelivery(data) } = options;
  const record = (events: readonly ServiceEvent[]) => trail.append(events.map((event) => serviceRecord(event)));
  const report: JobsReport = {
    done: (job, count) => log.info({ job, count }, "done by itself"),
    failed: (job, error) => log.error({ job, err: error }, "what happens by itself failed, and is tried again"),
  };
  const mayRun = () => trail.audit.fault === undefined;
  const ofKeys = startJobs({ kms, record, mayRun, report }, JOBS_INTERVAL_MS);
  lookup.follow();
  const all = [ofKeys, deliverTrails(cloudTrail, data, delivery, log)];
  return {
    async runAll() {
      for (const jobs of [...all, trail.keeping]) await jobs.runAll();
    },
    async stop() {
      await Promise.all(all.map((jobs) => jobs.stop()));
    },
  };
}

/** The certificate to serve with; undefined for plain HTTP. Makes what `--tls self-signed` needs if it is not there. */
export async function tlsMaterial(options: ServerOptions): Promise<TlsMaterial | undefined> {
  const { tls } = options;
  if (tls === undefined) return undefined;
  if ("cert" in tls) return tlsFromFiles(tls.cert, tls.key);
  const names = isWildcard(options.host) ? tls.selfSigned : [options.host, ...tls.selfSigned];
  return selfSigned(dataPaths(options.data).tls, names, new Date());
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
