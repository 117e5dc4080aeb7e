/**
 * What the record of a request costs: `node bench/cloudtrailEvent.ts [SECONDS]` prints the CPU time of each record of the
 * data path, in microseconds. Exits 1 when one takes more than {@link TARGET}.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { recordsOf } from "../src/cloudtrail/event.ts";
import type { FinishedRequest } from "../src/cloudtrail/request.ts";
import { finishedRequest, KEY_ID, MATERIAL, principals, touchedKey } from "../test/finishedRequest.ts";

const TARGET = 8;
const PER_ROUND = 2000;
const seconds = Number(process.argv[2] ?? 1);

const key = touchedKey();
const EncryptionContext = { __proto__: null, tenant: "acme", purpose: "backup", path: "/srv/volumes/0001" };
const blob = randomBytes(256);
const material = { KeyMaterialId: MATERIAL };

const requests: Record<string, { input: object; output: object }> = {
  Encrypt: {
    input: { KeyId: KEY_ID, Plaintext: blob, EncryptionContext },
    output: { CiphertextBlob: blob, KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" },
  },
  Decrypt: {
    input: { CiphertextBlob: blob, EncryptionContext },
    output: { KeyId: key.arn, Plaintext: blob, EncryptionAlgorithm: "SYMMETRIC_DEFAULT", ...material },
  },
  GenerateDataKey: {
    input: { KeyId: KEY_ID, KeySpec: "AES_256", EncryptionContext },
    output: { CiphertextBlob: blob, Plaintext: blob, KeyId: key.arn, ...material },
  },
};

const { connection } = finishedRequest({});

/** Another request each time, as a server sees them: only the principal, the key and the connection's TLS stay. */
function finished(operation: string): FinishedRequest {
  const { input, output } = requests[operation] as { input: object; output: object };
  return {
    service: "kms",
    operation,
    principal: principals.role,
    region: "us-east-1",
    requestId: randomUUID(),
    at: Date.now(),
    connection: {
      sourceIp: "192.0.2.17",
      userAgent: "aws-sdk-js/3.1164.0 ua/2.1 os/linux#6.12 lang/js md/nodejs#26.10.0 api/kms#3.1164.0 m/E,N",
      host: "kms.us-east-1.example.org:8443",
      tls: connection.tls,
    },
    input,
    output,
    error: undefined,
    touched: { keys: [key] },
  };
}

let missed = false;
let bytes = 0;

for (const operation of Object.keys(requests)) {
  rounds(operation, 0.3); // V8 compiles
  const each = rounds(operation, seconds).sort((a, b) => a - b);
  const median = each[each.length >> 1] as number;
  missed ||= median > TARGET;
  const figures = `${median.toFixed(2).padStart(6)} µs, at best ${(each[0] as number).toFixed(2)} µs`;
  process.stdout.write(`${operation.padEnd(16)}${figures}, ${bytes} bytes\n`);
}
process.exitCode = missed ? 1 : 0;

/** CPU time for one record, and for the request that is made up for it, in many short rounds: other programs disturb some. */
function rounds(operation: string, duration: number): number[] {
  const end = performance.now() + duration * 1000;
  const each: number[] = [];
  while (performance.now() < end) {
    const before = process.cpuUsage();
    for (let i = 0; i < PER_ROUND; i++) bytes = recordsOf(finished(operation))[0]?.length ?? 0;
    const { user, system } = process.cpuUsage(before);
    each.push((user + system) / PER_ROUND);
  }
  return each;
}
