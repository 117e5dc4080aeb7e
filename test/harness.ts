import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import { pino } from "pino";
import { readCredentials } from "../src/cli/credentials.ts";
import { type RunningServer, type ServerOptions, serverDefaults, startServer } from "../src/cli/server.ts";

/** A server of one's own, in this process, with a data directory that goes with it and a clock that can be moved. */
export interface TestServer extends RunningServer {
  readonly data: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
  /** moves the service's clock, not that of signatures; milliseconds */
  moveClock(by: number): void;
  client(config?: KMSClientConfig): KMSClient;
  stop(): Promise<void>;
}

export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), "strongroom-test-"));
  let moved = 0;
  const server = await startServer({
    ...serverDefaults,
    port: 0,
    data,
    log: pino({ level: "fatal" }),
    clock: () => Date.now() + moved,
    ...options,
  });
  const credentials = (await readCredentials(join(data, "credentials")))!;
  const clients: KMSClient[] = [];
  return {
    ...server,
    data,
    credentials,
    moveClock(by) {
      moved += by;
    },
    client(config = {}) {
      const client = new KMSClient({
        endpoint: server.endpoint,
        region: "us-east-1",
        credentials,
        maxAttempts: 1,
        ...config,
      });
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients) client.destroy();
      await server.close();
      if (options.data === undefined) rmSync(data, { recursive: true });
    },
  };
}

/** The name and message of what a client's call fails with. */
export async function failure(call: Promise<unknown>): Promise<{ name: string; message: string; status: number }> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode ?? 0 };
  }
  throw new Error("the call succeeded, where it should have failed");
}
