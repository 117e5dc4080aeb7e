import { InvalidArnException, NotFoundException } from "./errors.ts";

/** Strongroom serves the commercial partition: clients build and parse ARNs that begin `arn:aws:`. */
const PARTITION = "aws";

export function keyArn(key: { account: string; region: string; id: string }): string {
  return `arn:${PARTITION}:kms:${key.region}:${key.account}:key/${key.id}`;
}

export function aliasArn(alias: { account: string; region: string; name: string }): string {
  return `arn:${PARTITION}:kms:${alias.region}:${alias.account}:${alias.name}`;
}

/** A KeyId parameter, parsed: a key by id, or an alias by its name (with `alias/`), in an account. */
export type KeyReference =
  | { readonly type: "key"; readonly account: string; readonly id: string }
  | { readonly type: "alias"; readonly account: string; readonly name: string };

const KEY_ID = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;
const ALIAS_NAME = /^alias\/[a-zA-Z0-9:/_-]+$/;

export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/**
 * Parses a KeyId parameter in one of its four forms: key id, key ARN, alias name, alias ARN. A key id or alias name
 * means the caller's account; every form means the Region that was asked.
 * Texts: reference/kms-semantics.md §7.2.
 */
export function parseKeyReference(text: string, account: string, region: string): KeyReference {
  if (KEY_ID.test(text)) return { type: "key", account, id: text };
  if (text.startsWith("alias/")) return aliasReference(text, account);
  if (!text.startsWith("arn:")) throw new NotFoundException(`Invalid keyId '${text}'`);

  const parts = text.split(":");
  const [, partition, service, arnRegion, arnAccount] = parts;
  const resource = parts.slice(5).join(":"); // an alias name may itself contain colons
  if (partition !== PARTITION || service !== "kms" || !/^\d{12}$/.test(arnAccount ?? "") || resource === "") {
    throw new InvalidArnException(`Invalid arn ${text}`);
  }
  if (arnRegion !== region) throw new NotFoundException(`Invalid arn ${arnRegion}`);
  if (resource.startsWith("alias/")) return aliasReference(resource, arnAccount as string);
  if (!resource.startsWith("key/")) throw new InvalidArnException(`Invalid arn ${text}`);
  const id = resource.slice("key/".length);
  if (!KEY_ID.test(id)) throw new NotFoundException(`Invalid keyId '${id}'`);
  return { type: "key", account: arnAccount as string, id };
}

function aliasReference(name: string, account: string): KeyReference {
  if (!ALIAS_NAME.test(name)) throw new NotFoundException(`Invalid keyId '${name}'`);
  return { type: "alias", account, name };
}
