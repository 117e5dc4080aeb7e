import { randomUUID } from "node:crypto";
import type { CreateKeyRequest, CreateKeyResponse } from "@aws-sdk/client-kms";
import { keyArn } from "../arn.ts";
import { authorizeCreation, newExternalKey, newKey, putNewKey, requireRoomForKey } from "../createKey.ts";
import { CustomKeyStoreNotFoundException, UnsupportedOperationException, ValidationException } from "../errors.ts";
import { keyMetadata } from "../key.ts";
import { resolveKeyPolicy } from "../keyPolicyPrincipals.ts";
import { isOffered, keySpecRow } from "../keySpec.ts";
import { requireNoLockout } from "../lockout.ts";
import { newMultiRegionKeyId } from "../multiRegion.ts";
import type { Operation } from "../operation.ts";
import { defaultKeyPolicy } from "../policyDocument.ts";
import { withTags } from "../tag.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const createKey: Operation<CreateKeyRequest, CreateKeyResponse> = {
  name: "CreateKey",
  async run(call, input) {
    authorizeCreation(call, {
      spec: input.KeySpec ?? input.CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT",
      usage: input.KeyUsage ?? "ENCRYPT_DECRYPT",
      origin: input.Origin ?? "AWS_KMS",
      multiRegionKeyType: input.MultiRegion ? "PRIMARY" : undefined,
      bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck,
      tags: input.Tags,
    });
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
    if (!isOffered(spec, call.region)) {
      throw new UnsupportedOperationException(`KeySpec ${spec} is not supported in this Region.`);
    }
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
    if (origin === "EXTERNAL" && !keySpecRow(spec).importable) {
      throw new UnsupportedOperationException(`KeySpec ${spec} is not supported for Origin EXTERNAL.`);
    }
    if (input.XksKeyId !== undefined) throw new ValidationException("XksKeyId requires Origin EXTERNAL_KEY_STORE.");

    const { account } = call.principal;
    const parsed = input.Policy === undefined ? undefined : await resolveKeyPolicy(call.kms, input.Policy);
    const chosen = {
      ref: { account, region: call.region, id: input.MultiRegion ? newMultiRegionKeyId() : randomUUID() },
      now: call.kms.clock(),
      description: input.Description ?? "",
      policy: parsed?.text ?? defaultKeyPolicy(account),
      tags: withTags([], input.Tags ?? []),
      multiRegion: input.MultiRegion ?? false,
    };
    const key =
      origin === "EXTERNAL" ? newExternalKey(chosen, spec, usage) : await newKey(call.kms.hsm, chosen, spec, usage);
    if (parsed !== undefined && !input.BypassPolicyLockoutSafetyCheck) {
      requireNoLockout(call, { arn: keyArn(key.record), record: key.record }, parsed);
    }
    await call.kms.store.transaction(async (transaction) => {
      await requireRoomForKey(transaction, key.record);
      await putNewKey(transaction, key);
    });
    return { KeyMetadata: keyMetadata(key.record, { validTo: undefined, regions: [call.region] }) };
  },
};
