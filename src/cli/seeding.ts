import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { newAccount, rootAccessKey } from "../iam/account.ts";
import { isKeyId } from "../kms/arn.ts";
import { newSymmetricKey, putNewKey } from "../kms/createKey.ts";
import type { KeyRef, KeyTag } from "../kms/key.ts";
import { resolveKeyPolicy } from "../kms/keyPolicyPrincipals.ts";
import type { Kms } from "../kms/operation.ts";
import { defaultKeyPolicy, parseKeyPolicy } from "../kms/policyDocument.ts";
import { withTags } from "../kms/tag.ts";
import { chosenCredentials } from "./credentials.ts";

/** What a seed file asks for, checked. */
export interface Seed {
  readonly accounts: readonly SeedAccount[];
  readonly keys: readonly SeedKey[];
}

interface SeedAccount {
  readonly id: string;
  readonly accessKeys: readonly { readonly accessKeyId: string; readonly secretAccessKey: string }[];
}

interface SeedKey {
  readonly id: string;
  /** the server's own account if undefined */
  readonly account: string | undefined;
  readonly region: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly tags: readonly KeyTag[];
  readonly policy: string | undefined;
  readonly rotationPeriodInDays: number | undefined;
  readonly testMaterial: Buffer | undefined;
}

/** @throws Error that names the file, the place in it, and what is wrong there */
export async function readSeed(path: string): Promise<Seed> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`the seed file ${path} cannot be read: ${(error as Error).message}`);
  }
  try {
    return parseSeed(text);
  } catch (error) {
    throw new Error(`the seed file ${path}: ${(error as Error).message}`);
  }
}

export function parseSeed(text: string): Seed {
  const root = fields(parse(text) ?? {}, "the file", ["accounts", "keys"]);
  return {
    accounts: items(root.accounts, "accounts").map((item, i) => seedAccount(item, `accounts[${i}]`)),
    keys: items(root.keys, "keys").map((item, i) => seedKey(item, `keys[${i}]`)),
  };
}

function seedAccount(value: unknown, at: string): SeedAccount {
  const account = fields(value, at, ["id", "accessKeys"]);
  return {
    id: matching(account.id, /^\d{12}$/, `${at}.id`, "an account id of 12 digits, in quotes"),
    accessKeys: items(account.accessKeys, `${at}.accessKeys`).map((item, i) => {
      const place = `${at}.accessKeys[${i}]`;
      const key = fields(item, place, ["accessKeyId", "secretAccessKey"]);
      return placed(place, () => chosenCredentials(String(key.accessKeyId ?? ""), String(key.secretAccessKey ?? "")));
    }),
  };
}

function seedKey(value: unknown, at: string): SeedKey {
  const key = fields(value, at, [
    "id",
    "account",
    "region",
    "aliases",
    "description",
    "tags",
    "policy",
    "rotationPeriodInDays",
    "testMaterial",
  ]);
  const id = String(key.id ?? "");
  if (!isKeyId(id) || id.startsWith("mrk-"))
    throw new Error(`${at}.id: a key id is a lower-case UUID, not ${JSON.stringify(key.id)}`);
  const tags = Object.entries(fields(key.tags ?? {}, `${at}.tags`)).map(([TagKey, tag]) => ({
    TagKey,
    TagValue: String(tag),
  }));
  const period = key.rotationPeriodInDays;
  if (period !== undefined && !(Number.isInteger(period) && (period as number) >= 90 && (period as number) <= 2560)) {
    throw new Error(`${at}.rotationPeriodInDays: a number of days from 90 to 2560`);
  }
  return {
    id,
    account:
      key.account === undefined
        ? undefined
        : matching(key.account, /^\d{12}$/, `${at}.account`, "an account id of 12 digits, in quotes"),
    region: matching(key.region, /^[a-z]{2}(?:-[a-z]+)+-\d+$/, `${at}.region`, "a Region, such as us-east-1"),
    aliases: items(key.aliases, `${at}.aliases`).map((alias, i) =>
      matching(
        alias,
        /^alias\/(?!aws\/)[a-zA-Z0-9:/_-]{1,250}$/,
        `${at}.aliases[${i}]`,
        "an alias name that begins with alias/",
      ),
    ),
    description:
      key.description === undefined
        ? ""
        : matching(key.description, /^.{0,8192}$/s, `${at}.description`, "at most 8192 characters"),
    tags: placed(`${at}.tags`, () => withTags([], tags)),
    policy:
      key.policy === undefined
        ? undefined
        : placed(
            `${at}.policy`,
            () => parseKeyPolicy(typeof key.policy === "string" ? key.policy : JSON.stringify(key.policy)).text, // whom it names is looked up later
          ),
    rotationPeriodInDays: period as number | undefined,
    testMaterial: key.testMaterial === undefined ? undefined : testMaterial(key.testMaterial, `${at}.testMaterial`),
  };
}

function testMaterial(value: unknown, at: string): Buffer {
  const material = Buffer.from(String(value), "base64");
  if (material.length !== 32 || material.toString("base64") !== value)
    throw new Error(`${at}: base64 of 32 bytes is needed`);
  return material;
}

/** Makes what is not there yet; what is there stays as it is, whatever the seed says of it now. */
export async function seedService(
  kms: Kms,
  seed: Seed,
  defaultAccount: string,
): Promise<{ accounts: number; keys: number }> {
  const now = kms.clock();
  const made = { accounts: 0, keys: 0 };
  for (const { id, accessKeys } of seed.accounts) {
    made.accounts += await kms.store.transaction(async (transaction) => {
      const isNew = (await transaction.account(id)) === undefined;
      if (isNew) await transaction.putAccount(newAccount(id, "", now));
      for (const { accessKeyId, secretAccessKey } of accessKeys) {
        const existing = await transaction.accessKey(accessKeyId);
        if (existing !== undefined && existing.account !== id) {
          throw new Error(`access key ${accessKeyId} belongs to account ${existing.account} already, not to ${id}`);
        }
        if (existing !== undefined) continue;
        const secret = kms.hsm.wrapAccessKeySecret(accessKeyId, secretAccessKey);
        await transaction.putAccessKey(rootAccessKey(accessKeyId, id, secret, now));
      }
      return isNew ? 1 : 0;
    });
  }
  for (const key of seed.keys) {
    made.keys += (await seedOneKey(kms, key, key.account ?? defaultAccount, now)) ? 1 : 0;
  }
  return made;
}

async function seedOneKey(kms: Kms, key: SeedKey, account: string, now: number): Promise<boolean> {
  const policy = key.policy === undefined ? defaultKeyPolicy(account) : await seedPolicy(kms, key.id, key.policy);
  const ref: KeyRef = { account, region: key.region, id: key.id };
  const made = newSymmetricKey(kms.hsm, {
    ref,
    now,
    description: key.description,
    policy,
    tags: key.tags,
    multiRegion: key.id.startsWith("mrk-"),
    ...(key.rotationPeriodInDays !== undefined && { rotationPeriodInDays: key.rotationPeriodInDays }),
    ...(key.testMaterial !== undefined && { material: key.testMaterial }),
  });
  return kms.store.transaction(async (transaction) => {
    if ((await transaction.account(account)) === undefined) {
      throw new Error(`key ${key.id}: there is no account ${account}; name it under accounts`);
    }
    const isNew = (await transaction.key(ref)) === undefined;
    if (isNew) await putNewKey(transaction, made);
    for (const name of key.aliases) {
      if ((await transaction.alias(account, key.region, name)) !== undefined) continue;
      await transaction.putAlias({ account, region: key.region, name, keyId: key.id, createdAt: now, updatedAt: now });
    }
    return isNew;
  });
}

/** @throws Error when it names somebody who is not there */
async function seedPolicy(kms: Kms, keyId: string, policy: string): Promise<string> {
  try {
    return (await resolveKeyPolicy(kms, policy)).text;
  } catch (error) {
    throw new Error(`key ${keyId}: ${(error as Error).message}`);
  }
}

/** Says with an error where in the file it belongs. */
function placed<T>(at: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${at}: ${(error as Error).message}`);
  }
}

function fields(value: unknown, at: string, known?: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${at}: a mapping is needed`);
  for (const name of Object.keys(value)) {
    if (known !== undefined && !known.includes(name))
      throw new Error(`${at}: ${name} is not known; known are ${known.join(", ")}`);
  }
  return value as Record<string, unknown>;
}

function items(value: unknown, at: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${at}: a list is needed`);
  return value;
}

function matching(value: unknown, pattern: RegExp, at: string, wanted: string): string {
  if (typeof value !== "string" || !pattern.test(value))
    throw new Error(`${at}: ${wanted} is needed, not ${JSON.stringify(value)}`);
  return value;
}
