import assert from "node:assert/strict";
import { test } from "node:test";
import type { KeyState } from "@aws-sdk/client-kms";
import { DisabledException, KMSInvalidStateException } from "./errors.ts";
import type { KeyRecord } from "./key.ts";
import { requireState, type StatefulOperation } from "./keyState.ts";
import { operations } from "./operations/index.ts";

/*
 * reference/kms-semantics.md §1.2, column by column, with its codes. Ext, Org and CKS are refusals for a key's origin
 * or store: they come before the state, and are each operation's own. – cannot occur.
 */
const columns = ["Enabled", "Disabled", "PD", "PendingImport", "Unavailable", "Creating", "Updating"];
const table = `
Encrypt                         | ok  | Dis | PD  | PI  | Un  | Cr  | ok
Decrypt                         | ok  | Dis | PD  | PI  | Un  | Cr  | ok
ReEncrypt                       | ok  | Dis | PD  | PI  | Un  | Cr  | ok
GenerateDataKey                 | ok  | Dis | PD  | PI  | Un  | Cr  | ok
GenerateDataKeyWithoutPlaintext | ok  | Dis | PD  | PI  | Un  | Cr  | ok
GenerateDataKeyPair             | ok  | Dis | PD  | PI  | Un  | Cr  | ok
GenerateDataKeyPairWithoutPlaintext | ok  | Dis | PD  | PI  | Un  | Cr  | ok
Sign                            | ok  | Dis | PD  | PI  | Un  | Cr  | ok
Verify                          | ok  | Dis | PD  | PI  | Un  | Cr  | ok
GenerateMac                     | ok  | Dis | PD  | PI  | Un  | Cr  | ok
VerifyMac                       | ok  | Dis | PD  | PI  | Un  | Cr  | ok
DeriveSharedSecret              | ok  | Dis | PD  | PI  | Un  | Cr  | ok
Encapsulate                     | ok  | Dis | PD  | PI  | Un  | Cr  | ok
Decapsulate                     | ok  | Dis | PD  | PI  | Un  | Cr  | ok
GetPublicKey                    | ok  | ok  | PD  | ok  | Un  | Cr  | ok
GetKeyLastUsage                 | ok  | ok  | ok  | ok  | ok  | ok  | ok
CreateGrant                     | ok  | Dis | PD  | PI  | ok  | Cr  | ok
ListGrants                      | ok  | ok  | ok  | ok  | ok  | ok  | ok
RetireGrant                     | ok  | ok  | ok  | ok  | ok  | ok  | ok
RevokeGrant                     | ok  | ok  | ok  | ok  | ok  | ok  | ok
DescribeKey                     | ok  | ok  | ok  | ok  | ok  | ok  | ok
GetKeyPolicy                    | ok  | ok  | ok  | ok  | ok  | ok  | ok
PutKeyPolicy                    | ok  | ok  | ok  | ok  | ok  | ok  | ok
ListKeyPolicies                 | ok  | ok  | ok  | ok  | ok  | ok  | ok
ListResourceTags                | ok  | ok  | ok  | ok  | ok  | ok  | ok
ListAliases                     | ok  | ok  | ok  | ok  | ok  | ok  | ok
DeleteAlias                     | ok  | ok  | ok  | ok  | ok  | ok  | ok
EnableKey                       | ok  | ok  | PD  | PI  | ok  | Cr  | Upd
DisableKey                      | ok  | ok  | PD  | PI  | ok  | Cr  | Upd
ScheduleKeyDeletion             | ok  | ok  | PD  | ok  | ok  | ok  | Upd
CancelKeyDeletion               | nPD | nPD | ok  | nPD | nPD | nPD | nPD
CreateAlias                     | ok  | ok  | PD  | ok  | ok  | ok  | ok
TagResource                     | ok  | ok  | PD  | ok  | ok  | ok  | ok
UntagResource                   | ok  | ok  | PD  | ok  | ok  | ok  | ok
UpdateKeyDescription            | ok  | ok  | PD  | ok  | ok  | ok  | ok
UpdateAlias                     | ok  | ok  | PD  | ok  | ok  | ok  | ok
EnableKeyRotation               | ok  | Dis | PD  | Ext | CKS | Cr  | ok
DisableKeyRotation              | ok  | Dis | PD  | Ext | CKS | Cr  | ok
GetKeyRotationStatus            | ok  | ok  | ok  | Ext | CKS | ok  | ok
ListKeyRotations                | ok  | ok  | ok  | ok  | CKS | ok  | ok
RotateKeyOnDemand               | ok  | Dis | PD  | PI  | CKS | Cr  | ok
GetParametersForImport          | ok  | ok  | PD  | ok  | Org | Cr  | Upd
ImportKeyMaterial               | ok  | ok  | PD  | ok  | Org | Cr  | ok
DeleteImportedKeyMaterial       | ok  | ok  | ok  | ok  | –   | Cr  | Upd
ReplicateKey                    | ok  | Dis | PD  | PI  | –   | Cr  | Upd
UpdatePrimaryRegion             | ok  | Dis | PD  | PI  | –   | Cr  | ok`;

const arn = "arn:aws:kms:eu-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const refusals: Record<string, [typeof DisabledException | typeof KMSInvalidStateException, string]> = {
  Dis: [DisabledException, `${arn} is disabled.`],
  PD: [KMSInvalidStateException, `${arn} is pending deletion.`],
  PRD: [KMSInvalidStateException, `${arn} is pending replica deletion.`],
  PI: [KMSInvalidStateException, `${arn} is pending import.`],
  Un: [KMSInvalidStateException, `${arn} is unavailable.`],
  Cr: [KMSInvalidStateException, `${arn} is creating.`],
  Upd: [KMSInvalidStateException, `${arn} is updating.`],
  nPD: [KMSInvalidStateException, `${arn} is not pending deletion.`],
};

const rows = table
  .trim()
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([operation, ...codes]) => ({ operation: operation as StatefulOperation, codes }));

/** A key of which nothing but its name and state matters here. */
const keyIn = (state: KeyState) =>
  ({ account: "111122223333", region: "eu-north-1", id: "1234abcd-12ab-34cd-56ef-1234567890ab", state }) as KeyRecord;

/** What the reference says of this operation on a key in this state. */
function codeOf(codes: readonly string[], state: KeyState): string {
  const pending = state === "PendingDeletion" || state === "PendingReplicaDeletion";
  const code = codes[columns.indexOf(pending ? "PD" : state)];
  assert.ok(code, state);
  return state === "PendingReplicaDeletion" && code === "PD" ? "PRD" : code;
}

const states: readonly KeyState[] = [
  "Enabled",
  "Disabled",
  "PendingDeletion",
  "PendingReplicaDeletion",
  "PendingImport",
  "Unavailable",
  "Creating",
  "Updating",
];

for (const { operation, codes } of rows) {
  test(`${operation} in all eight states`, () => {
    assert.equal(codes.length, columns.length);
    for (const state of states) {
      const code = codeOf(codes, state);
      if (["Ext", "CKS", "Org", "–"].includes(code)) continue;
      if (code === "ok") {
        assert.doesNotThrow(() => requireState(keyIn(state), operation), `${operation}, ${state}`);
        continue;
      }
      const [Exception, message] = refusals[code]!;
      assert.throws(
        () => requireState(keyIn(state), operation),
        (error) => {
          assert.equal((error as Error).constructor, Exception, `${operation}, ${state}`);
          assert.equal((error as Error).message, message);
          return true;
        },
        `${operation}, ${state}`,
      );
    }
  });
}

test("the table has every operation on a key that there is", () => {
  const onNoKey = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"];
  assert.deepEqual(
    [...rows.map(({ operation }) => operation as string), ...onNoKey].sort(),
    operations.map(({ name }) => name).sort(),
  );
});
