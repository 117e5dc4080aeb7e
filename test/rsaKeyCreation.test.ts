import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CreateKeyCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import { ServerProcess } from "./process.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-rsa-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Keys made at once. Each takes about a second of a core, on some machines several. */
const KEYS = 4;
const IDLE_REQUESTS = 300;
/**
 * How much longer than the longest without keys in the making an Encrypt may take, in milliseconds: more than it waits
 * for a core that others use too, and far less than it would wait behind a key.
 */
const TOLERANCE = 250;
/** On a machine that does other things now and then, one look may find what they delay; a key delays each time. */
const LOOKS = 3;
/** For four keys in a row on a slow and busy machine; milliseconds. */
const requestTimeout = 120_000;

/** Durations of Encrypt, one request after the other, in milliseconds, in ascending order. */
async function durations(kms: KMSClient, KeyId: string, goOn: (done: number) => boolean): Promise<number[]> {
  const command = new EncryptCommand({ KeyId, Plaintext: Buffer.from("text") });
  const taken: number[] = [];
  while (goOn(taken.length)) {
    const started = performance.now();
    await kms.send(command);
    taken.push(performance.now() - started);
  }
  return taken.sort((a, b) => a - b);
}

const p99 = (ascending: readonly number[]) => ascending[Math.ceil(ascending.length * 0.99) - 1]!;
const shown = (taken: readonly number[]) =>
  `${taken.length} times, p99 ${p99(taken).toFixed(1)} ms, longest ${taken.at(-1)!.toFixed(1)} ms`;

test("making RSA keys of 4096 bits does not hold up Encrypt", async (t) => {
  const server = await ServerProcess.start(join(directory, "data"));
  const kms = server.client();
  const makers = Array.from({ length: KEYS }, () => server.client({ requestHandler: { requestTimeout } }));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata!.KeyId!;
  await durations(kms, KeyId, (done) => done < IDLE_REQUESTS); // V8 compiles
  const looks: string[] = [];
  let isHeldUp = true;
  for (let look = 1; look <= LOOKS && isHeldUp; look++) {
    const idle = await durations(kms, KeyId, (done) => done < IDLE_REQUESTS);
    let making = KEYS;
    const keys = makers.map((maker) =>
      maker.send(new CreateKeyCommand({ KeySpec: "RSA_4096", KeyUsage: "SIGN_VERIFY" })).finally(() => making--),
    );
    const meanwhile = await durations(kms, KeyId, () => making > 0);
    for (const made of await Promise.all(keys)) assert.equal(made.KeyMetadata?.KeySpec, "RSA_4096");
    isHeldUp = meanwhile.at(-1)! > idle.at(-1)! + TOLERANCE;
    looks.push(`Encrypt alone: ${shown(idle)}; with ${KEYS} keys in the making: ${shown(meanwhile)}`);
  }
  for (const look of looks) t.diagnostic(look);
  assert.ok(!isHeldUp, looks.join("\n"));
  await server.stop();
});
