import type { KeyState } from "@aws-sdk/client-kms";
import { keyArn } from "./arn.ts";
import { DisabledException, KMSInvalidStateException } from "./errors.ts";
import type { KeyRecord } from "./key.ts";

/** Why a key's state forbids an operation; "ok" where it does not. */
type Verdict =
  | "ok"
  | "disabled"
  | "pending deletion"
  | "pending import"
  | "unavailable"
  | "creating"
  | "updating"
  | "not pending deletion";

/** States in the order of the rows below. PendingReplicaDeletion behaves as PendingDeletion, with its own text. */
const STATES = [
  "Enabled",
  "Disabled",
  "PendingDeletion",
  "PendingImport",
  "Unavailable",
  "Creating",
  "Updating",
] as const;

type Row = readonly [Verdict, Verdict, Verdict, Verdict, Verdict, Verdict, Verdict];

const use: Row = ["ok", "disabled", "pending deletion", "pending import", "unavailable", "creating", "ok"];
const always: Row = ["ok", "ok", "ok", "ok", "ok", "ok", "ok"];
const unlessPendingDeletion: Row = ["ok", "ok", "pending deletion", "ok", "ok", "ok", "ok"];
const enable: Row = ["ok", "ok", "pending deletion", "pending import", "ok", "creating", "updating"];
const rotate: Row = ["ok", "disabled", "pending deletion", "pending import", "unavailable", "creating", "ok"];
const notPendingDeletion = "not pending deletion";

/**
 * Which operation works on a key in which state: reference/kms-semantics.md §1.2 (AWS: "Key states of KMS keys").
 * What depends on a key's origin or store rather than on its state is each operation's own.
 */
const operationStates = {
  Encrypt: use,
  Decrypt: use,
  ReEncrypt: use,
  GenerateDataKey: use,
  GenerateDataKeyWithoutPlaintext: use,
  GenerateDataKeyPair: use,
  GenerateDataKeyPairWithoutPlaintext: use,
  Sign: use,
  Verify: use,
  GenerateMac: use,
  VerifyMac: use,
  DeriveSharedSecret: use,
  Encapsulate: use,
  Decapsulate: use,
  GetPublicKey: ["ok", "ok", "pending deletion", "ok", "unavailable", "creating", "ok"],
  CreateGrant: ["ok", "disabled", "pending deletion", "pending import", "ok", "creating", "ok"],
  ListGrants: always,
  RetireGrant: always,
  RevokeGrant: always,
  DescribeKey: always,
  GetKeyPolicy: always,
  GetKeyLastUsage: always,
  PutKeyPolicy: always,
  ListKeyPolicies: always,
  ListResourceTags: always,
  ListAliases: always,
  DeleteAlias: always,
  EnableKey: enable,
  DisableKey: enable,
  ScheduleKeyDeletion: ["ok", "ok", "pending deletion", "ok", "ok", "ok", "updating"],
  CancelKeyDeletion: [
    notPendingDeletion,
    notPendingDeletion,
    "ok",
    notPendingDeletion,
    notPendingDeletion,
    notPendingDeletion,
    notPendingDeletion,
  ],
  CreateAlias: unlessPendingDeletion,
  UpdateAlias: unlessPendingDeletion,
  TagResource: unlessPendingDeletion,
  UntagResource: unlessPendingDeletion,
  UpdateKeyDescription: unlessPendingDeletion,
  EnableKeyRotation: rotate,
  DisableKeyRotation: rotate,
  GetKeyRotationStatus: always,
  ListKeyRotations: always,
  RotateKeyOnDemand: rotate,
  GetParametersForImport: ["ok", "ok", "pending deletion", "ok", "unavailable", "creating", "updating"],
  ImportKeyMaterial: ["ok", "ok", "pending deletion", "ok", "unavailable", "creating", "ok"],
  DeleteImportedKeyMaterial: ["ok", "ok", "ok", "ok", "ok", "creating", "updating"],
  ReplicateKey: ["ok", "disabled", "pending deletion", "pending import", "unavailable", "creating", "updating"],
  UpdatePrimaryRegion: use,
} as const satisfies Record<string, Row>;

export type StatefulOperation = keyof typeof operationStates;

/** @throws DisabledException or KMSInvalidStateException, with AWS's text, when the key's state forbids the operation */
export function requireState(key: KeyRecord, operation: StatefulOperation): void {
  const { state } = key;
  if (state === "Enabled" && operation !== "CancelKeyDeletion") return;
  const row: Row = operationStates[operation];
  const verdict =
    row[STATES.indexOf(state === "PendingReplicaDeletion" ? "PendingDeletion" : (state as (typeof STATES)[number]))];
  if (verdict === "ok") return;
  const arn = keyArn(key);
  if (verdict === "disabled") throw new DisabledException(`${arn} is disabled.`);
  const reason =
    state === "PendingReplicaDeletion" && verdict === "pending deletion" ? "pending replica deletion" : verdict;
  throw new KMSInvalidStateException(`${arn} is ${reason ?? (state satisfies KeyState)}.`);
}
