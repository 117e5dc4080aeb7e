import type { Bench, Instance } from "./bench.ts";
import { compareWithBare, type Row } from "./compare.ts";
import { openSession, workloads } from "./workloads.ts";

const CONNECTIONS = [1, 32, 256];
const WARM_UP_CONNECTIONS = 32;

export function operationRowNames(): string[] {
  return Object.keys(workloads).flatMap((workload) => CONNECTIONS.map((connections) => rowName(workload, connections)));
}

/** The cryptographic operations, each at 1, 32 and 256 connections, next to the bare server. */
export async function measureOperations(bench: Bench, instance: Instance, wanted: Set<string>): Promise<Row[]> {
  const { generator, bare, pace, progress } = bench;
  const session = await openSession(generator, instance);
  const rows: Row[] = [];
  for (const [name, workload] of Object.entries(workloads)) {
    const wantedConnections = CONNECTIONS.filter((connections) => wanted.has(rowName(name, connections)));
    if (wantedConnections.length === 0) continue;
    const requests = await workload(session);
    const contenders = [
      { server: bare, requests },
      { server: instance.server, requests, name },
    ] as const;
    // So that neither is measured while V8 still compiles it: some seconds of work, on one core.
    for (const { server } of contenders) {
      const until = { seconds: pace.warmUpSeconds, rampSeconds: 0 };
      await generator.run(server, requests, { connections: WARM_UP_CONNECTIONS, until });
    }
    for (const connections of wantedConnections) {
      progress(rowName(name, connections));
      rows.push(...(await compareWithBare(generator, contenders[0], [contenders[1]], connections, pace)));
    }
  }
  return rows;
}

function rowName(workload: string, connections: number): string {
  return `${workload} c${connections}`;
}
