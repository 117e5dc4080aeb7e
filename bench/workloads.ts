import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Instance } from "./bench.ts";
import type { LoadGenerator } from "./loadGenerator.ts";
import { Requests } from "./requests.ts";
import { userSession } from "./user.ts";

/** Where a workload's requests go: one KMS key of one server. */
export interface Session extends Instance {
  generator: LoadGenerator;
  keyId: string;
}

/** Builds the requests of one row, all different, after it has seen the server answer them rightly. */
export type Workload = (session: Session) => Promise<Requests>;

const REQUESTS = 2_000;

export const workloads: Record<string, Workload> = {
  Encrypt: async (session) => (await encryption(session, 32)).encrypt,
  Decrypt: async (session) => (await encryption(session, 32)).decrypt,
  GenerateDataKey: (session) => generateDataKey(session, { KeySpec: "AES_256" }, 32),
  "GenerateDataKey 1024 B": (session) => generateDataKey(session, { NumberOfBytes: 1024 }, 1024),
  "Encrypt 4 KiB": async (session) => (await encryption(session, 4096)).encrypt,
  "Decrypt 4 KiB": async (session) => (await encryption(session, 4096)).decrypt,
  "Encrypt by IAM": async (session) => (await encryption(await userSession(session, "policy"), 32)).encrypt,
  "Decrypt by IAM": async (session) => (await encryption(await userSession(session, "policy"), 32)).decrypt,
  "Decrypt by grant": async (session) => (await encryption(await userSession(session, "grant"), 32)).decrypt,
};

/** Creates the KMS key that a session uses. */
export async function openSession(generator: LoadGenerator, instance: Instance): Promise<Session> {
  const [created] = await generator.answers(instance.server, new Requests(instance.signer, "CreateKey", [{}]), 1);
  const keyId = created?.KeyMetadata?.KeyId;
  assert.ok(keyId, `CreateKey answered ${JSON.stringify(created)}`);
  return { ...instance, generator, keyId };
}

/** A request to encrypt 32 bytes with each of the keys. */
export function encryptWith(instance: Instance, keyIds: string[]): Requests {
  const inputs = keyIds.map((KeyId) => ({ KeyId, Plaintext: randomBytes(32).toString("base64") }));
  return new Requests(instance.signer, "Encrypt", inputs);
}

/** Encrypts many plaintexts and sees to it that they decrypt to what they were. */
async function encryption(session: Session, bytes: number): Promise<{ encrypt: Requests; decrypt: Requests }> {
  const { generator, server, signer, keyId } = session;
  const plaintexts = Array.from({ length: REQUESTS }, () => randomBytes(bytes).toString("base64"));
  const encryptInputs = plaintexts.map((Plaintext) => ({ KeyId: keyId, Plaintext }));
  const encrypt = new Requests(signer, "Encrypt", encryptInputs);
  const encrypted = await generator.answers(server, encrypt);
  const decryptInputs = encrypted.map(({ CiphertextBlob }) => ({ CiphertextBlob }));
  const decrypt = new Requests(signer, "Decrypt", decryptInputs);
  const decrypted = await generator.answers(server, decrypt);
  const answers = decrypted.map(({ Plaintext }) => Plaintext);
  assert.deepEqual(answers, plaintexts, "Decrypt does not answer what Encrypt was given");
  return { encrypt, decrypt };
}

async function generateDataKey(session: Session, size: object, bytes: number): Promise<Requests> {
  const { generator, server, signer, keyId } = session;
  const inputs = Array.from({ length: REQUESTS }, () => ({ KeyId: keyId, ...size }));
  const requests = new Requests(signer, "GenerateDataKey", inputs);
  const dataKeys = (await generator.answers(server, requests)).map(({ Plaintext = "" }) => Plaintext);
  assert.equal(new Set(dataKeys).size, REQUESTS, "GenerateDataKey answered the same data key twice");
  assert.ok(dataKeys.every((dataKey) => Buffer.from(dataKey, "base64").length === bytes));
  return requests;
}
