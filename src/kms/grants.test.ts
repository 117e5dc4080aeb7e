import assert from "node:assert/strict";
import { test } from "node:test";
import type { GrantOperation } from "@aws-sdk/client-kms";
import { type CallerNames, Grade } from "../policy/principal.ts";
import type { Change, Page, Store } from "../store/store.ts";
import type { GrantRecord } from "./grant.ts";
import type { GrantConstraints } from "./grantConstraints.ts";
import { Grants } from "./grants.ts";

const key = { account: "111122223333", region: "us-east-1", id: "1234abcd-12ab-34cd-56ef-1234567890ab" };
const SESSION = "arn:aws:sts::111122223333:assumed-role/r/s";
const user: CallerNames = { direct: ["AIDAU"], issuer: [], account: key.account };
const session: CallerNames = { direct: [SESSION], issuer: ["AROAR"], account: key.account };

/** Only what the cache asks of a store, and how often. */
class Shelf {
  readonly records: GrantRecord[] = [];
  reads: string[] = [];
  #listener: (change: Change) => void = () => assert.fail("nobody listens");

  onChange(listener: (change: Change) => void): void {
    this.#listener = listener;
  }

  async grants(of: typeof key, grantee: string, { after, limit }: Page): Promise<GrantRecord[]> {
    this.reads.push(grantee);
    return this.records
      .filter((record) => record.key.id === of.id && record.grantee === grantee && record.id > (after ?? ""))
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  add(grantee: string, operations: GrantOperation[], constraints: GrantConstraints | null = null): GrantRecord {
    const id = String(this.records.length).padStart(64, "0");
    const fixed = { key, retiring: null, issuer: key.account, name: "", createdAt: 0 };
    const record = { ...fixed, id, grantee, operations, constraints };
    this.records.push(record);
    this.tell({ kind: "grant", key, grantee });
    return record;
  }

  tell(change: Change): void {
    this.#listener(change);
  }
}

function shelf(): { shelf: Shelf; grants: Grants } {
  const store = new Shelf();
  return { shelf: store, grants: new Grants(store as unknown as Store) };
}

const request = (operation: string, encryptionContext?: Record<string, string>) => ({
  operation,
  encryptionContext,
  constraintsApply: true,
});

test("the grade is that at which the grant names the caller, the strongest first", async () => {
  const { shelf: store, grants } = shelf();
  const grade = async (names: CallerNames) => (await grants.allows(key, names, request("Decrypt")))?.grade;
  assert.equal(await grade(session), undefined);
  store.add(key.account, ["Decrypt"]);
  assert.equal(await grade(session), Grade.account);
  assert.equal(await grade(user), Grade.account);
  store.add("AROAR", ["Decrypt"]);
  assert.equal(await grade(session), Grade.issuer);
  store.add(SESSION, ["Encrypt"]);
  assert.equal(await grade(session), Grade.issuer);
  const direct = store.add(SESSION, ["Decrypt"]);
  assert.deepEqual(await grants.allows(key, session, request("Decrypt")), { record: direct, grade: Grade.direct });
  assert.equal(await grade(user), Grade.account);
  assert.equal(await grade({ direct: ["s3.amazonaws.com"], issuer: [], account: undefined }), undefined);
});

test("constraints on the encryption context", async () => {
  const rows: [GrantConstraints, context: Record<string, string> | undefined, allowed: boolean][] = [
    [{ EncryptionContextEquals: { a: "1" } }, { a: "1" }, true],
    [{ EncryptionContextEquals: { a: "1" } }, { a: "1", b: "2" }, false],
    [{ EncryptionContextEquals: { a: "1" } }, undefined, false],
    [{ EncryptionContextEquals: { a: "1" } }, { A: "1" }, false],
    [{ EncryptionContextEquals: { a: "1" } }, { a: "2" }, false],
    [{ EncryptionContextEquals: { a: "1", b: "2" } }, { b: "2", a: "1" }, true],
    [{ EncryptionContextEquals: { a: "1", b: "2" } }, { a: "1" }, false],
    [{ EncryptionContextEquals: {} }, undefined, true],
    [{ EncryptionContextEquals: {} }, {}, true],
    [{ EncryptionContextEquals: {} }, { a: "1" }, false],
    [{ EncryptionContextSubset: { a: "1" } }, { a: "1", b: "2" }, true],
    [{ EncryptionContextSubset: { a: "1" } }, { b: "2" }, false],
    [{ EncryptionContextSubset: { a: "1", b: "2" } }, { a: "1", c: "3" }, false],
    [{ EncryptionContextSubset: {} }, { a: "1" }, true],
    [{ EncryptionContextSubset: {} }, undefined, true],
    [{ EncryptionContextSubset: { constructor: "1" } }, { a: "1" }, false],
    [{ SourceArn: "arn:aws:dynamodb:us-east-1:111122223333:table/t" }, { a: "1" }, false],
  ];
  for (const [constraints, context, allowed] of rows) {
    const { shelf: store, grants } = shelf();
    store.add("AIDAU", ["Decrypt", "DescribeKey"], constraints);
    const found = await grants.allows(key, user, request("Decrypt", context));
    assert.equal(found !== undefined, allowed, `${JSON.stringify(constraints)}, ${JSON.stringify(context)}`);
    const free = await grants.allows(key, user, { ...request("DescribeKey"), constraintsApply: false });
    assert.equal(free !== undefined, constraints.SourceArn === undefined, "DescribeKey has no encryption context");
  }
});

test("of many grants with constraints the one that fits is found, whichever pairs they share", async () => {
  const { shelf: store, grants } = shelf();
  const made = Array.from({ length: 2500 }, (_, i) =>
    store.add("AIDAU", ["Decrypt"], { EncryptionContextEquals: { service: "rds", database: `db${i}` } }),
  );
  for (const i of [0, 1234, 2499]) {
    const found = await grants.allows(key, user, request("Decrypt", { service: "rds", database: `db${i}` }));
    assert.equal(found?.record, made[i]);
  }
  assert.equal(await grants.allows(key, user, request("Decrypt", { service: "rds" })), undefined);
  assert.equal(await grants.allows(key, user, request("Decrypt", { database: "db0" })), undefined);
});

test("CreateGrant and RetireGrant are nobody's by any grant on the key", async () => {
  const { shelf: store, grants } = shelf();
  store.add("AIDAU", ["CreateGrant", "RetireGrant", "Decrypt"]);
  assert.equal(await grants.allows(key, user, request("CreateGrant")), undefined);
  assert.equal(await grants.allows(key, user, { ...request("RetireGrant"), constraintsApply: false }), undefined);
});

test("a child allows no more than a parent that has CreateGrant", async () => {
  const { shelf: store, grants } = shelf();
  const subset = { EncryptionContextSubset: { a: "1" } };
  const may = async (operations: GrantOperation[], constraints: GrantConstraints | null = null) =>
    (await grants.allowsChild(key, session, { operations, constraints }))?.record;
  store.add(SESSION, ["Decrypt", "Encrypt"]);
  assert.equal(await may(["Decrypt"]), undefined);
  const parent = store.add("AROAR", ["CreateGrant", "Decrypt"], subset);
  assert.equal(await may(["Decrypt"]), undefined);
  assert.equal(await may(["Decrypt"], subset), parent);
  assert.equal(await may(["Decrypt", "CreateGrant"], subset), parent);
  assert.equal(await may(["Decrypt", "Encrypt"], subset), undefined);
  store.add(key.account, ["CreateGrant", "Encrypt"], { SourceArn: "arn:aws:s3:::b" });
  assert.equal(await may(["Encrypt"], { SourceArn: "arn:aws:s3:::b" }), undefined);
  const free = store.add(key.account, ["CreateGrant", "Encrypt"]);
  assert.equal(await may(["Encrypt"]), free);
  assert.equal(await may(["Encrypt", "Decrypt"], subset), undefined, "two parents do not add up");
});

test("what was read is in memory until it changes", async () => {
  const { shelf: store, grants } = shelf();
  store.add("AIDAU", ["Decrypt"]);
  const ask = () => grants.allows(key, user, request("Decrypt"));
  const encrypt = () => grants.allows(key, user, request("Encrypt"));
  await ask();
  assert.ok(!(ask() instanceof Promise), "once read it is answered at once");
  await encrypt();
  assert.ok(!(encrypt() instanceof Promise), "so is that there is none");
  assert.deepEqual(store.reads, ["AIDAU", key.account]);
  store.tell({ kind: "grant", key, grantee: "AIDAOTHER" });
  store.tell({ kind: "key", key: { ...key, id: "another" } });
  assert.ok(!(ask() instanceof Promise));
  for (const change of [
    { kind: "grant", key, grantee: "AIDAU" },
    { kind: "key", key },
    { kind: "everything" },
  ] as const) {
    store.tell(change);
    assert.ok(ask() instanceof Promise, change.kind);
    await encrypt();
  }
  store.records.length = 0;
  store.tell({ kind: "grant", key, grantee: "AIDAU" });
  assert.equal(await ask(), undefined);
});

test("a grant deleted while it is read is not kept", async () => {
  const { shelf: store, grants } = shelf();
  store.add("AIDAU", ["Decrypt"]);
  const reading = grants.allows(key, user, request("Decrypt"));
  store.records.length = 0;
  store.tell({ kind: "grant", key, grantee: "AIDAU" });
  await reading;
  assert.equal(await grants.allows(key, user, request("Decrypt")), undefined);
});

test("what cannot be read is asked for again", async () => {
  const { shelf: store, grants } = shelf();
  store.add("AIDAU", ["Decrypt"]);
  const read = store.grants;
  store.grants = () => Promise.reject(new Error("away"));
  await assert.rejects(async () => grants.allows(key, user, request("Decrypt")), /away/);
  store.grants = read;
  assert.equal((await grants.allows(key, user, request("Decrypt")))?.grade, Grade.direct);
});

test("whether a grant is there", async () => {
  const { shelf: store, grants } = shelf();
  const record = store.add("AIDAU", ["Decrypt"]);
  assert.equal(await grants.has(record), true);
  assert.equal(await grants.has({ ...record, id: "f".repeat(64) }), false);
  store.records.length = 0;
  store.tell({ kind: "key", key });
  assert.equal(await grants.has(record), false);
});
