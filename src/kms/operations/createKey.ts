import { randomUUID } from "node:crypto";
import type { CreateKeyRequest, CreateKeyResponse } from "@aws-sdk/client-kms";
import { keyArn } from "../arn.ts";
import { authorizeInAccount } from "../authorize.ts";
import { type ConditionValues, tagConditions } from "../conditionValues.ts";
import { newKey, putNewKey } from "../createKey.ts";
import {
  CustomKeyStoreNotFoundException,
  LimitExceededException,
  UnsupportedOperationException,
  ValidationException,
} from "../errors.ts";
import { keyMetadata } from "../key.ts";
import { resolveKeyPolicy } from "../keyPolicyPrincipals.ts";
import { isKeySpec, keySpecRow } from "../keySpec.ts";
import { requireNoLockout } from "../lockout.ts";
import type { Call, Operation } from "../operation.ts";
import { defaultKeyPolicy } from "../policyDocument.ts";
import { withTags } from "../tag.ts";

/** Customer managed keys of an account in a Region: reference/kms-semantics.md §9.2. */
const KEY_LIMIT = 100_000;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Operation<CreateKeyRequest, CreateKeyResponse> = {
  name: "CreateKey",
  async run(call, input) {
    authorizeInAccount(call, "CreateKey", createKeyConditions(input));
    if (input.Tags !== undefined && input.Tags.length > 0) {
      authorizeInAccount(call, "TagResource", createKeyConditions(input), newKeyArn(call), "");
    }
    const { KeySpec, CustomerMasterKeySpec } = input;
    if (KeySpec !== undefined && CustomerMasterKeySpec !== undefined) {
      throw new ValidationException(
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
      );
    }
    const spec = KeySpec ?? CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT";
    if (spec !== "SYMMETRIC_DEFAULT" && input.KeyUsage === undefined) {
      throw new ValidationException(
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
      );
    }
    if (!isKeySpec(spec)) throw new UnsupportedOperationException(`KeySpec ${spec} is not supported in this Region.`);
    const usage = input.KeyUsage ?? "ENCRYPT_DECRYPT";
    if (!keySpecRow(spec).usages.includes(usage)) {
      throw new ValidationException(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
    }
    if (input.CustomKeyStoreId !== undefined) {
      throw new CustomKeyStoreNotFoundException(`Custom key store ${input.CustomKeyStoreId} does not exist.`);
    }
    const origin = input.Origin ?? "AWS_KMS";
    if (origin === "AWS_CLOUDHSM" || origin === "EXTERNAL_KEY_STORE") {
      throw new ValidationException(`Origin ${origin} requires a CustomKeyStoreId.`);
    }
    if (origin !== "AWS_KMS")
      throw new UnsupportedOperationException(`Origin ${origin} is not supported in this Region.`);
    if (input.MultiRegion)
      throw new UnsupportedOperationException("Multi-Region keys are not supported in this Region.");
    if (input.XksKeyId !== undefined) throw new ValidationException("XksKeyId requires Origin EXTERNAL_KEY_STORE.");

    const { account } = call.principal;
    const parsed = input.Policy === undefined ? undefined : await resolveKeyPolicy(call.kms, input.Policy);
    const chosen = {
      ref: { account, region: call.region, id: randomUUID() },
      now: call.kms.clock(),
      description: input.Description ?? "",
      policy: parsed?.text ?? defaultKeyPolicy(account),
      tags: withTags([], input.Tags ?? []),
    };
    const key = await newKey(call.kms.hsm, chosen, spec, usage);
    if (parsed !== undefined && !input.BypassPolicyLockoutSafetyCheck) {
      requireNoLockout(call, { arn: keyArn(key.record), record: key.record }, parsed);
    }
    await call.kms.store.transaction(async (transaction) => {
      if ((await transaction.countKeys(account, call.region)) >= KEY_LIMIT) {
        throw new LimitExceededException(
          `The account has ${KEY_LIMIT} KMS keys in this Region, the most that it can have.`,
        );
      }
      await putNewKey(transaction, key);
    });
    return { KeyMetadata: keyMetadata(key.record) };
  },
};

/** What the key is to be: reference/kms-semantics.md §2.3. */
function createKeyConditions(input: CreateKeyRequest): ConditionValues {
  const tags = tagConditions(input.Tags ?? []);
  return (name) => {
    switch (name) {
      case "kms:keyspec":
      case "kms:customermasterkeyspec":
        return input.KeySpec ?? input.CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT";
      case "kms:keyusage":
      case "kms:customermasterkeyusage":
        return input.KeyUsage ?? "ENCRYPT_DECRYPT";
      case "kms:keyorigin":
        return input.Origin ?? "AWS_KMS";
      case "kms:multiregion":
        return String(input.MultiRegion ?? false);
      case "kms:multiregionkeytype":
        return input.MultiRegion ? "PRIMARY" : undefined;
      case "kms:bypasspolicylockoutsafetycheck":
        return input.BypassPolicyLockoutSafetyCheck === undefined
          ? undefined
          : String(input.BypassPolicyLockoutSafetyCheck);
      default:
        return input.Tags === undefined ? undefined : tags(name);
    }
  };
}

/** The tags are put on a key that has no id yet: a policy can name it by `key/*` alone. */
function newKeyArn({ principal, region }: Call): string {
  return keyArn({ account: principal.account, region, id: "*" });
}
