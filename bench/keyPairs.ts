import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Bench, Instance } from "./bench.ts";
import { median } from "./compare.ts";
import { nodeOn } from "./cores.ts";
import { Requests } from "./requests.ts";

const OPENSSL = fileURLToPath(new URL("openssl.ts", import.meta.url));
const CONNECTIONS = 32;
const REQUESTS = 500;
const ROUNDS = 3;

/** An operation with a key pair or a MAC key, next to OpenSSL's bare operation on one thread. */
export interface KeyPairRow {
  name: string;
  requestsPerSecond: number;
  p99: number;
  /** OpenSSL's operations a second, in the same run on the same core */
  bare: number;
  ratio: number;
}

interface Row {
  spec: string;
  usage: string;
  operation: string;
  input: object;
  /** what the operation takes back, made by another one with the same input */
  from?: [operation: string, member: string];
}

const sign = (spec: string, SigningAlgorithm: string): Row => ({
  spec,
  usage: "SIGN_VERIFY",
  operation: "Sign",
  input: { SigningAlgorithm },
});
const verify = (spec: string, SigningAlgorithm: string): Row => ({
  ...sign(spec, SigningAlgorithm),
  operation: "Verify",
  from: ["Sign", "Signature"],
});
const kem = { spec: "ML_KEM_768", usage: "ENCAPSULATE_DECAPSULATE", input: { EncapsulationAlgorithm: "ML_KEM" } };

const rows: Row[] = [
  sign("RSA_2048", "RSASSA_PSS_SHA_256"),
  verify("RSA_2048", "RSASSA_PSS_SHA_256"),
  sign("RSA_4096", "RSASSA_PSS_SHA_256"),
  sign("ECC_NIST_P256", "ECDSA_SHA_256"),
  verify("ECC_NIST_P256", "ECDSA_SHA_256"),
  sign("ECC_SECG_P256K1", "ECDSA_SHA_256"),
  sign("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"),
  verify("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"),
  sign("ML_DSA_65", "ML_DSA_SHAKE_256"),
  verify("ML_DSA_65", "ML_DSA_SHAKE_256"),
  { spec: "HMAC_256", usage: "GENERATE_VERIFY_MAC", operation: "GenerateMac", input: { MacAlgorithm: "HMAC_SHA_256" } },
  { ...kem, operation: "Encapsulate" },
  { ...kem, operation: "Decapsulate", from: ["Encapsulate", "SharedSecretCiphertextBlob"] },
];

export const keyPairRowNames = (): string[] => rows.map(nameOf);

const nameOf = ({ operation, spec }: Row) => `${operation} ${spec}`;

export async function measureKeyPairs(bench: Bench, instance: Instance, wanted: Set<string>): Promise<KeyPairRow[]> {
  const { generator, pace, progress, cores } = bench;
  const measured: KeyPairRow[] = [];
  for (const row of rows.filter((row) => wanted.has(nameOf(row)))) {
    const name = nameOf(row);
    progress(name);
    const requests = await requestsOf(bench, instance, row);
    const served: { requestsPerSecond: number; p99: number }[] = [];
    const bare: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const until = { seconds: pace.seconds, rampSeconds: pace.rampSeconds };
      const outcome = await generator.run(instance.server, requests, { connections: CONNECTIONS, until });
      if (round === 0) continue; // V8 compiles
      served.push({ requestsPerSecond: outcome.requests / outcome.seconds, p99: outcome.p99 });
      bare.push(await opensslOn(cores.server, name, pace.seconds));
    }
    const requestsPerSecond = median(served.map((run) => run.requestsPerSecond));
    const operations = median(bare);
    measured.push({
      name,
      requestsPerSecond,
      p99: median(served.map((run) => run.p99)),
      bare: operations,
      ratio: requestsPerSecond / operations,
    });
  }
  return measured;
}

/** OpenSSL's bare operations a second, on one thread of a process of its own. */
export async function opensslOn(cores: string | null, operation: string, seconds: number): Promise<number> {
  const [file, args] = nodeOn(cores, [OPENSSL, operation, String(seconds)]);
  return Number((await promisify(execFile)(file, args)).stdout);
}

/** Requests for Sign with a new key of the server's. */
export function signRequests(bench: Bench, instance: Instance, spec: string, algorithm: string): Promise<Requests> {
  return requestsOf(bench, instance, sign(spec, algorithm));
}

async function requestsOf({ generator }: Bench, { server, signer }: Instance, row: Row): Promise<Requests> {
  const input = { KeySpec: row.spec, KeyUsage: row.usage };
  const [created] = await generator.answers(server, new Requests(signer, "CreateKey", [input]), 1);
  const KeyId = created?.KeyMetadata?.KeyId;
  assert.ok(KeyId, `CreateKey answered ${JSON.stringify(created)}`);
  const messages = Array.from({ length: REQUESTS }, () =>
    row.usage === "ENCAPSULATE_DECAPSULATE" ? {} : { Message: randomBytes(32).toString("base64") },
  );
  const inputs = messages.map((message) => ({ KeyId, ...row.input, ...message }));
  if (row.from === undefined) return new Requests(signer, row.operation, inputs);
  const [operation, member] = row.from;
  const made = await generator.answers(server, new Requests(signer, operation, inputs));
  const taken = inputs.map((each, i) => ({
    ...each,
    [member]: (made[i] as Record<string, unknown> | undefined)?.[member],
  }));
  return new Requests(signer, row.operation, taken);
}
