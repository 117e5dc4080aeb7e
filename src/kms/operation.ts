import { randomUUID } from "node:crypto";
import type { KeyLastUsageTrackingOperation } from "@aws-sdk/client-kms";
import type { Hsm } from "../hsm/hsm.ts";
import type { Principal } from "../iam/principal.ts";
import type { Connection } from "../policy/globalKeys.ts";
import type { Store, Transaction } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import type { Attestation } from "./attestation/attestation.ts";
import { authorize } from "./authorize.ts";
import type { ConditionValues } from "./conditionValues.ts";
import { NotFoundException } from "./errors.ts";
import type { Grants } from "./grants.ts";
import type { KeyRecord, KeyRef } from "./key.ts";
import { resolveKey } from "./keyReference.ts";
import { requireState, type StatefulOperation } from "./keyState.ts";
import type { Key, Keys } from "./keys.ts";
import { type SynchronizedKeys, synchronizedKeys } from "./multiRegion.ts";

/** What the operations work with. */
export interface Kms {
  readonly store: Store;
  readonly hsm: Hsm;
  readonly keys: Keys;
  readonly grants: Grants;
  readonly identities: Directory;
  /** whom attestation documents must come from; nobody's are trusted when undefined */
  readonly attestation: Attestation | undefined;
  /** whether a Region of this name is one that is served here */
  readonly servesRegion: (region: string) => boolean;
  /** milliseconds since the epoch; tests move it */
  readonly clock: () => number;
}

/** Who is who, as far as policies and grants name them. */
export interface Directory {
  /** the unique id of the user or role of an ARN; undefined when there is none */
  principalId(arn: string): Promise<string | undefined>;
  /** the ARN of the user or role of a unique id; undefined when it is no more */
  principalArn(id: string): Promise<string | undefined>;
  accountExists(id: string): Promise<boolean>;
  /** false for a closed one, and for one that is not there; a promise only when the store has to be asked */
  accountIsOpen(id: string): boolean | Promise<boolean>;
}

/** One request: who asks, and in which Region. */
export interface Call {
  readonly kms: Kms;
  readonly principal: Principal;
  readonly region: string;
  readonly connection: Connection;
  readonly requestId: string;
  /** filled as the request goes: what its record says */
  readonly touched: Touched;
}

/** What a request was about, whether it was allowed or not. */
export interface Touched {
  /** in the order in which the caller's rights on them were asked for */
  readonly keys: Key[];
  /** who alone can read the answer, by its attestation document; the image's digest is PCR 0 of an enclave, hexadecimal */
  recipient?: { readonly moduleId: string; readonly imageDigest: string | undefined };
  /** the grant that was retired, which a token names */
  grantId?: string;
  /** a primary key and its replicas, if it has shared a change with them */
  synchronized?: SynchronizedKeys;
  /** ids that the request's records must bear, since GetKeyLastUsage tells them: at most one an account */
  eventIds?: { readonly account: string; readonly id: string }[];
  /** what a rotation on demand has brought about */
  rotation?: {
    readonly keyOrigin: string;
    readonly previousKeyMaterialId: string;
    readonly currentKeyMaterialId: string;
  };
}

/** An operation of the API. Its input has been validated against the model; it throws a KmsException for what the model cannot say. */
export interface Operation<Input = never, Output = unknown> {
  readonly name: string;
  run(call: Call, input: Input): Output | Promise<Output>;
}

/**
 * An operation on the one key that `KeyId` names. Before `run`: the key exists, and the caller may call the operation on it.
 * `aliases`: whether KeyId may be an alias.
 */
export function keyOperation<Input extends { KeyId: string | undefined }, Output>(operation: {
  name: StatefulOperation;
  aliases?: true;
  /** what the input says to conditions */
  conditions?(input: Input, key: Key, call: Call): ConditionValues;
  /** the encryption context that constraints of grants are held against */
  encryptionContext?(input: Input): Record<string, string> | undefined;
  run(call: Call, key: Key, input: Input): Output | Promise<Output>;
}): Operation<Input, Output> {
  return {
    name: operation.name,
    async run(call, input) {
      const key = await resolveKey(call, input.KeyId as string, operation);
      const authorizing = authorize(call, operation.name, key, operation.conditions?.(input, key, call), {
        encryptionContext: operation.encryptionContext?.(input),
        reference: input.KeyId,
      });
      if (authorizing !== undefined) await authorizing;
      return operation.run(call, key, input);
    },
  };
}

/** Notes that a cryptographic operation with a key has succeeded: GetKeyLastUsage. */
export function used({ kms, requestId, touched }: Call, key: Key, operation: KeyLastUsageTrackingOperation): void {
  const eventId = eventIdFor(touched, key.record.account);
  kms.keys.uses.used(key, { operation, at: kms.clock(), requestId, eventId });
}

/** The record is made only when the request is done: its id is decided here, and made once all the same. */
function eventIdFor(touched: Touched, account: string): string {
  const known = touched.eventIds?.find((event) => event.account === account);
  if (known !== undefined) return known.id;
  const id = randomUUID();
  if (touched.eventIds === undefined) touched.eventIds = [{ account, id }];
  else touched.eventIds.push({ account, id });
  return id;
}

/**
 * Changes a key's record in a transaction, as `change` says, once its state has been found to allow the operation.
 * What `change` is given is what the store holds now, not what the cache held when the request came.
 */
export function changeKey(
  call: Call,
  ref: KeyRef,
  operation: StatefulOperation,
  change: (record: KeyRecord, transaction: Transaction) => KeyRecord | Promise<KeyRecord>,
): Promise<KeyRecord> {
  return call.kms.store.transaction(async (transaction) => {
    const record = await transaction.key(ref);
    if (record === undefined) throw new NotFoundException(`Key '${keyArn(ref)}' does not exist`);
    requireState(record, operation);
    const changed = await change(record, transaction);
    await transaction.putKey(changed);
    return changed;
  });
}

/** Changes what a key shares with its replicas, as {@link changeKey}; `change` carries it to them. */
export function changeShared(
  call: Call,
  ref: KeyRef,
  operation: StatefulOperation,
  change: (record: KeyRecord, transaction: Transaction) => Promise<KeyRecord>,
): Promise<KeyRecord> {
  return changeKey(call, ref, operation, async (record, transaction) => {
    const changed = await change(record, transaction);
    call.touched.synchronized = await synchronizedKeys(transaction, changed);
    return changed;
  });
}
