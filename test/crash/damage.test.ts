import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import * as sdk from "@aws-sdk/client-kms";
import { failure } from "../harness.ts";
import { main, type ProcessOptions, ServerProcess } from "../process.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-damage-"));
chmodSync(directory, 0o755);
after(() => rmSync(directory, { recursive: true, force: true }));
const bytes = Buffer.from("text");
/** Two stores, to be copied. */
const [whole, other] = [join(directory, "whole"), join(directory, "other")];
const keys: { id: string; blob: Uint8Array }[] = [];

before(async () => {
  const server = await ServerProcess.start(whole);
  const kms = server.client();
  for (let i = 0; i < 3; i++) {
    const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({}));
    const id = KeyMetadata!.KeyId!;
    const { CiphertextBlob } = await kms.send(new sdk.EncryptCommand({ KeyId: id, Plaintext: bytes }));
    keys.push({ id, blob: CiphertextBlob! });
  }
  await server.stop();
  await (await ServerProcess.start(other)).stop();
});

/** Every file of a data directory, in its directories too: mode and content. */
function contents(data: string): Record<string, string> {
  const entries = readdirSync(data, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(
    files.map((path) => {
      const file = relative(data, path);
      const hash = createHash("sha256").update(readFileSync(join(data, file)));
      return [file, `${(statSync(join(data, file)).mode & 0o777).toString(8)} ${hash.digest("hex")}`];
    }),
  );
}

function sql(data: string, ...statements: string[]): void {
  const database = new DatabaseSync(join(data, "strongroom.db"));
  for (const statement of statements) assert.equal(database.prepare(statement).run().changes, 1, statement);
  database.close();
}

/** Changes one byte in the middle of a blob. */
const altered = (column: string) =>
  `${column} = CAST(substr(${column}, 1, 20) || CAST(char((unicode(CAST(substr(${column}, 21, 1) AS TEXT)) + 1) % 128) AS BLOB) || substr(${column}, 22) AS BLOB)`;

const rootKey = (data: string) => join(data, "root.key");

interface Case {
  readonly damage: (data: string) => void;
  /** names the file, and what to do */
  readonly says: readonly RegExp[];
  readonly options?: ProcessOptions;
}

const asNobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

const cases: Record<string, Case> = {
  "the database is garbage": {
    damage: (data) => writeFileSync(join(data, "strongroom.db"), "no database. ".repeat(5000)),
    says: [/strongroom\.db/, /not a database/, /restore it from your backup/],
  },
  "the database's first page is overwritten": {
    damage: (data) => {
      const file = readFileSync(join(data, "strongroom.db"));
      writeFileSync(join(data, "strongroom.db"), file.fill(0xa5, 100, 4096));
    },
    says: [/strongroom\.db/, /malformed/, /restore it from your backup/],
  },
  "the database is cut short": {
    damage: (data) =>
      writeFileSync(join(data, "strongroom.db"), readFileSync(join(data, "strongroom.db")).subarray(0, 6000)),
    says: [/strongroom\.db/, /malformed/, /restore it from your backup/],
  },
  "root.key is missing": {
    damage: (data) => rmSync(rootKey(data)),
    says: [/root\.key is missing/, /Restore it from your backup/],
  },
  "root.key is another store's": {
    damage: (data) => cpSync(rootKey(other), rootKey(data)),
    says: [/root\.key does not open this store/, /another store's root key/],
  },
  "root.key can be read by others": {
    damage: (data) => chmodSync(rootKey(data), 0o644),
    says: [/root\.key has mode 644/, /Run chmod 600 \S+root\.key/],
  },
  "root.key has one letter changed": {
    damage: (data) => {
      const text = readFileSync(rootKey(data), "utf8");
      const at = text.indexOf(" ") + 5;
      writeFileSync(rootKey(data), text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1));
    },
    says: [/root\.key/, /damaged/, /Restore it from your backup/],
  },
  "root.key is empty": {
    damage: (data) => writeFileSync(rootKey(data), ""),
    says: [/root\.key/, /damaged/, /Restore it from your backup/],
  },
  "the store is another installation's": {
    damage: (data) => cpSync(join(other, "strongroom.db"), join(data, "strongroom.db")),
    says: [/root\.key does not open this store/, /another store's/],
  },
  "the domain key's row is altered": {
    damage: (data) => sql(data, `UPDATE domain_key SET ${altered("bytes")}`),
    says: [/root\.key does not open this store/, /the store was altered/],
  },
  "the store's id is another's, under the same root key": {
    damage: (data) => sql(data, "UPDATE setting SET value = 'x' || value WHERE name = 'store-id'"),
    says: [/root\.key does not open this store/, /the store was altered/],
  },
  "the domain key's row is gone": {
    damage: (data) => sql(data, "DELETE FROM domain_key"),
    says: [/has no domain key: it is damaged/],
  },
  "the data directory cannot be written": {
    damage: (data) => {
      for (const path of [data, ...readdirSync(data).map((file) => join(data, file))]) {
        if (asNobody.uid !== undefined) chownSync(path, asNobody.uid, asNobody.gid);
        chmodSync(path, path === data ? 0o500 : 0o400);
      }
    },
    says: [/strongroom\.db/, /cannot be opened|read-?only|written/],
    options: asNobody,
  },
};

for (const [workers, some] of [
  [1, Object.entries(cases)],
  [2, Object.entries(cases).filter((_, i) => i % 5 === 3)],
] as const) {
  test(`a damaged data directory, ${workers} process(es): status 1, one line that says what to do, nothing changed`, {
    concurrency: 2,
  }, async (t) => {
    await Promise.all(
      some.map(([title, { damage, says, options }]) =>
        t.test(title, async () => {
          const data = mkdtempSync(join(directory, "case-"));
          cpSync(whole, data, { recursive: true });
          damage(data);
          const found = contents(data);
          const server = new ServerProcess(data, ["--workers", String(workers)], options);
          assert.deepEqual(await server.ended, { code: 1, signal: null });
          assert.match(server.stderr, /^strongroom: [^\n]+\n$/);
          for (const part of says) assert.match(server.stderr, part);
          assert.ok(server.stderr.includes(data), "it names the directory");
          assert.equal(server.stdout, "");
          assert.deepEqual(contents(data), found);
        }),
      ),
    );
  });
}

test("one key's material is altered: that key fails, every other works, and the domain key can be rotated", async () => {
  const data = join(directory, "material");
  cpSync(whole, data, { recursive: true });
  const [damaged, ...sound] = keys as [(typeof keys)[number], ...typeof keys];
  sql(data, `UPDATE material SET ${altered("bytes")} WHERE key_id = '${damaged.id}'`);
  const server = await ServerProcess.start(data);
  const kms = server.client();
  for (let i = 0; i < 2; i++) {
    for (const call of [
      kms.send(new sdk.EncryptCommand({ KeyId: damaged.id, Plaintext: bytes })),
      kms.send(new sdk.DecryptCommand({ CiphertextBlob: damaged.blob })),
      kms.send(new sdk.GenerateDataKeyCommand({ KeyId: damaged.id, KeySpec: "AES_256" })),
    ]) {
      const { name, message, status } = await failure(call);
      assert.deepEqual([name, status], ["KMSInternalException", 500]);
      assert.doesNotMatch(message, /material|domain/, "no detail leaves");
    }
    for (const { id, blob } of sound) {
      const { Plaintext } = await kms.send(new sdk.DecryptCommand({ CiphertextBlob: blob }));
      assert.deepEqual(Buffer.from(Plaintext!), bytes);
      await kms.send(new sdk.EncryptCommand({ KeyId: id, Plaintext: bytes }));
    }
  }
  assert.match(server.stderr, new RegExp(`key material \\w+ of \\S+${damaged.id} does not open`));
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({}));
  const rotated = promisify(execFile)(process.execPath, [main, "rotate-domain-key", "--data", data]);
  await assert.rejects(rotated, {
    code: 1,
    stderr: new RegExp(`^strongroom: 1 of the materials and secrets cannot .* of \\S+${damaged.id} does not open.*\n$`),
  });
  const database = new DatabaseSync(join(data, "strongroom.db"), { readOnly: true });
  const behind = database.prepare("SELECT key_id FROM material WHERE domain_key < 2").all();
  assert.deepEqual(
    behind.map((row) => row.key_id),
    [damaged.id],
  );
  assert.deepEqual(database.prepare("SELECT id FROM access_key WHERE domain_key < 2").all(), []);
  database.close();
  await kms.send(new sdk.EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: bytes }));
  await server.stop();
  const again = await ServerProcess.start(data);
  for (const { blob } of sound) await again.client().send(new sdk.DecryptCommand({ CiphertextBlob: blob }));
  await again.stop();
});
