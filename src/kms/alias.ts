import type { Transaction } from "../store/store.ts";
import { aliasArn, keyArn } from "./arn.ts";
import { authorize, authorizeInAccount } from "./authorize.ts";
import { isReservedAlias } from "./awsManagedKey.ts";
import { InvalidAliasNameException, LimitExceededException, NotFoundException, ValidationException } from "./errors.ts";
import type { AliasRecord, KeyRecord, KeyRef } from "./key.ts";
import { resolveKey } from "./keyReference.ts";
import { keySpecRow } from "./keySpec.ts";
import { requireState } from "./keyState.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

/** An alias name that a customer may make, move or delete. The model has checked its length and characters. */
export function requireAliasName(name: string): string {
  if (!name.startsWith("alias/")) {
    throw new ValidationException(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  if (name === "alias/") throw new InvalidAliasNameException("The alias name is empty.");
  if (isReservedAlias(name))
    throw new InvalidAliasNameException(`${name} is reserved: aliases that begin alias/aws/ belong to AWS.`);
  return name;
}

/** The key that an alias is to stand for: by id or ARN, the caller's to give an alias to, in a state that allows it. */
export async function requireTarget(call: Call, keyId: string, operation: "CreateAlias" | "UpdateAlias"): Promise<Key> {
  if (keyId.startsWith("alias/") || /^arn:[^:]*:kms:[^:]*:[^:]*:alias\//.test(keyId)) {
    throw new ValidationException("Aliases must refer to keys. Not aliases");
  }
  const key = await resolveKey(call, keyId, { name: operation });
  await authorize(call, operation, key, undefined, { reference: keyId });
  requireState(key.record, operation);
  return key;
}

/** The caller's own side of making, moving or deleting an alias: its identity policies, on the alias's ARN. */
export function authorizeAlias(
  call: Call,
  name: string,
  operation: "CreateAlias" | "DeleteAlias" | "UpdateAlias",
): void {
  const { account } = call.principal;
  authorizeInAccount(call, operation, undefined, aliasArn({ account, region: call.region, name }));
}

/** Whether the caller may move or delete an alias is also for the policy of the key that it stands for now. */
export async function authorizeTarget(
  call: Call,
  name: string,
  operation: "DeleteAlias" | "UpdateAlias",
): Promise<Key> {
  const key = await resolveKey(call, name, { name: operation, aliases: true });
  await authorize(call, operation, key);
  return key;
}

/**
 * An alias stays with keys of one type (symmetric, asymmetric or HMAC) and one usage: what is used by its name must work
 * as before. The text is ours.
 * @throws ValidationException
 */
export function requireSameType(former: KeyRecord, next: KeyRecord): void {
  if (keySpecRow(former.spec).family === keySpecRow(next.spec).family && former.usage === next.usage) return;
  throw new ValidationException(
    `The alias is associated with a key of usage ${former.usage} and key spec ${former.spec}. It cannot be associated with a key of usage ${next.usage} and key spec ${next.spec}.`,
  );
}

/** The same key within the transaction: it may have changed since. */
export async function requireKeyStill(
  transaction: Transaction,
  ref: KeyRef,
  operation: "CreateAlias" | "UpdateAlias" | "CreateGrant",
): Promise<KeyRecord> {
  const record = await transaction.key(ref);
  if (record === undefined) throw new NotFoundException(`Key '${keyArn(ref)}' does not exist`);
  requireState(record, operation);
  return record;
}

/** Per KMS key: reference/kms-semantics.md §9.2. */
const ALIAS_LIMIT = 50;

/** @throws LimitExceededException when the key has as many aliases as one can have */
export async function requireRoomForAlias(transaction: Transaction, ref: KeyRef): Promise<void> {
  if ((await transaction.countAliases(ref)) < ALIAS_LIMIT) return;
  throw new LimitExceededException(`The key already has ${ALIAS_LIMIT} aliases, the most that one can have.`);
}

/** The caller's alias of this name. @throws NotFoundException */
export async function requireAlias(transaction: Transaction, call: Call, name: string): Promise<AliasRecord> {
  const { account } = call.principal;
  const alias = await transaction.alias(account, call.region, name);
  if (alias === undefined) {
    throw new NotFoundException(`Alias ${aliasArn({ account, region: call.region, name })} is not found.`);
  }
  return alias;
}
