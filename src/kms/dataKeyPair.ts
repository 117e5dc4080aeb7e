import type { GenerateDataKeyPairWithoutPlaintextRequest } from "@aws-sdk/client-kms";
import type { KeyPairType, PlaintextKeyPair } from "../hsm/material.ts";
import { type ConditionValues, conditionValues, encryptionConditions, parameterCondition } from "./conditionValues.ts";
import { canonicalEncryptionContext } from "./encryptionContext.ts";
import { DryRunOperationException, UnsupportedOperationException } from "./errors.ts";
import { requireGrantTokens } from "./grantToken.ts";
import { isOffered, keySpecRow } from "./keySpec.ts";
import { requireState } from "./keyState.ts";
import type { Key } from "./keys.ts";
import { type Call, used } from "./operation.ts";
import { requireAlgorithm, requireUsage, symmetricOf } from "./requirements.ts";

type Request = GenerateDataKeyPairWithoutPlaintextRequest;

/** What both operations say to conditions. */
export function dataKeyPairConditions(input: Request): ConditionValues {
  return conditionValues(
    encryptionConditions(input.KeyId, input.EncryptionContext),
    parameterCondition("kms:datakeypairspec", input.KeyPairSpec),
  );
}

/** Makes a key pair and encrypts its private key: what GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext have in common. */
export async function newDataKeyPair(
  call: Call,
  key: Key,
  operation: "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext",
  input: Request,
): Promise<PlaintextKeyPair & { blob: Buffer }> {
  if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
  requireUsage(key, "ENCRYPT_DECRYPT", operation);
  requireAlgorithm(key, "SYMMETRIC_DEFAULT");
  const type = keyPairType(input.KeyPairSpec as string, call.region);
  requireState(key.record, operation);
  if (input.DryRun) throw new DryRunOperationException();
  const { material, prefix } = symmetricOf(key);
  const pair = await call.kms.hsm.generateKeyPair(type);
  const blob = await material.seal(prefix, canonicalEncryptionContext(input.EncryptionContext), pair.privateKey);
  used(call, key, operation);
  return { ...pair, blob };
}

/** @throws UnsupportedOperationException for a spec that this service does not have in the Region */
function keyPairType(spec: string, region: string): KeyPairType {
  const row = isOffered(spec, region) ? keySpecRow(spec) : undefined;
  if (row?.dataKeyPair) return row.material as KeyPairType;
  throw new UnsupportedOperationException(`KeyPairSpec ${spec} is not supported in this Region.`);
}
