import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { failure } from "../harness.ts";
import { main, ServerProcess } from "../process.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-full-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const bytes = Buffer.from("text");

/** No file can grow beyond so many KiB: what a full disk is to SQLite. */
const limited = (kibibytes: number) => ({
  command: ["bash", "-c", `ulimit -f ${kibibytes} && exec "$0" "$@"`, process.execPath, main, "serve"] as const,
  env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
});

async function descriptions(kms: sdk.KMSClient): Promise<string[]> {
  const all: string[] = [];
  for await (const { Keys } of sdk.paginateListKeys({ client: kms, pageSize: 1000 }, {})) {
    for (const { KeyId } of Keys!)
      all.push((await kms.send(new sdk.DescribeKeyCommand({ KeyId }))).KeyMetadata!.Description!);
  }
  return all.sort();
}

for (const workers of [1, 2]) {
  test(`a full disk, ${workers} process(es): changes are refused whole, keys in use work on`, async (t) => {
    const data = join(directory, `full-${workers}`);
    const args = ["--workers", String(workers)];
    const server = await ServerProcess.start(data, args, limited(1000));
    const clients = Array.from({ length: 8 }, () => server.client());
    const [kms] = clients as [sdk.KMSClient];
    const create = (client: sdk.KMSClient, Description: string) =>
      client.send(new sdk.CreateKeyCommand({ Description, Tags: [{ TagKey: "whole", TagValue: "yes" }] }));
    const { KeyMetadata } = await create(kms, "in use");
    const KeyId = KeyMetadata!.Arn!;
    const seal = async (client: sdk.KMSClient) =>
      (await client.send(new sdk.EncryptCommand({ KeyId, Plaintext: bytes }))).CiphertextBlob!;
    const open = async (client: sdk.KMSClient, CiphertextBlob: Uint8Array) =>
      assert.deepEqual(Buffer.from((await client.send(new sdk.DecryptCommand({ CiphertextBlob }))).Plaintext!), bytes);
    const sealed: Uint8Array[] = [];
    for (const client of clients) sealed.push(await seal(client)); // in use in every process

    // Until each client has met the full disk several times.
    const made = new Map([["in use", KeyId]]);
    let refused = 0;
    await Promise.all(
      clients.map(async (client, i) => {
        for (let n = 0, failures = 0; failures < 5; n++) {
          assert.ok(n < 1000, "the disk is never full");
          const description = `key ${i}/${n}`;
          try {
            const { KeyMetadata } = await create(client, description);
            made.set(description, KeyMetadata!.Arn!);
          } catch (error) {
            const { name, message, $fault, $metadata } = error as sdk.KMSServiceException;
            assert.equal(name, "DependencyTimeoutException");
            assert.match(message, /^The system timed out/);
            assert.equal($fault, "server");
            assert.equal($metadata.httpStatusCode, 503);
            failures++;
            refused++;
          }
          const blob = await seal(client);
          await open(client, blob);
          sealed.push(blob);
        }
      }),
    );
    assert.ok(made.size > 5, "some were made before");
    // A small change may still find room where a key does not.
    let whole = "yes";
    for (let n = 0, failures = 0; failures < 3; n++) {
      assert.ok(n < 1000, "the disk is never full");
      try {
        await kms.send(new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "whole", TagValue: String(n) }] }));
        whole = String(n);
      } catch (error) {
        assert.equal((error as Error).name, "DependencyTimeoutException");
        failures++;
      }
    }
    for (const change of [
      new sdk.DisableKeyCommand({ KeyId }),
      new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "x", TagValue: "y" }] }),
      new sdk.CreateAliasCommand({ AliasName: "alias/full", TargetKeyId: KeyId }),
      new sdk.ScheduleKeyDeletionCommand({ KeyId }),
      new sdk.RotateKeyOnDemandCommand({ KeyId }),
    ]) {
      const { name, status } = await failure(kms.send(change as sdk.DisableKeyCommand));
      assert.deepEqual([name, status], ["DependencyTimeoutException", 503], change.constructor.name);
    }

    const assertUnchanged = async (kms: sdk.KMSClient) => {
      assert.deepEqual(await descriptions(kms), [...made.keys()].sort());
      for (const id of made.values()) {
        const { Tags } = await kms.send(new sdk.ListResourceTagsCommand({ KeyId: id }));
        assert.deepEqual(Tags, [{ TagKey: "whole", TagValue: id === KeyId ? whole : "yes" }]);
        await kms.send(new sdk.EncryptCommand({ KeyId: id, Plaintext: bytes }));
        assert.deepEqual((await kms.send(new sdk.ListKeyRotationsCommand({ KeyId: id }))).Rotations, []);
      }
      const { Aliases } = await kms.send(new sdk.ListAliasesCommand({ KeyId }));
      assert.deepEqual(Aliases, []);
      for (const blob of sealed) await open(kms, blob);
    };
    await assertUnchanged(kms);
    // What an operator sees: what is wrong, and that it is the store.
    assert.match(server.stderr, /StoreUnavailable/);
    assert.match(server.stderr, /disk|full/i);
    await server.stop();

    const again = await ServerProcess.start(data, args);
    await assertUnchanged(again.client());
    const { KeyMetadata: fresh } = await create(again.client(), "after");
    await again.client().send(new sdk.DisableKeyCommand({ KeyId }));
    assert.equal((await failure(seal(again.client()))).name, "DisabledException");
    assert.equal(fresh!.Description, "after");
    await again.stop();
    t.diagnostic(`${made.size} keys made, ${refused} refused, ${sealed.length} ciphertexts`);
  });
}

test("the disk becomes full in the first start: it says so, and the next start goes on", async () => {
  for (const kibibytes of [0, 4, 32, 48]) {
    const data = join(directory, `first-${kibibytes}`);
    const server = new ServerProcess(data, [], limited(kibibytes));
    assert.deepEqual(await server.ended, { code: 1, signal: null }, `${kibibytes} KiB`);
    assert.match(server.stderr, /^(\{.*\}\n)*strongroom: .*\n$/);
    const again = await ServerProcess.start(data);
    await again.client().send(new sdk.CreateKeyCommand({}));
    await again.stop();
  }
});
