import type { ReplicateKeyRequest, ReplicateKeyResponse } from "@aws-sdk/client-kms";
import { keyArn } from "../arn.ts";
import { parameterCondition } from "../conditionValues.ts";
import { authorizeCreation, requireRoomForKey } from "../createKey.ts";
import { AlreadyExistsException, NotFoundException, UnsupportedOperationException } from "../errors.ts";
import { type KeyRecord, keyMetadata } from "../key.ts";
import { resolveKeyPolicy } from "../keyPolicyPrincipals.ts";
import { requireState } from "../keyState.ts";
import { requireNoLockout } from "../lockout.ts";
import { materialFor, requirePrimary } from "../multiRegion.ts";
import { keyOperation } from "../operation.ts";
import { partitionOf } from "../partition.ts";
import { defaultKeyPolicy } from "../policyDocument.ts";
import { withTags } from "../tag.ts";

/**
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html. The replica is there when the answer is,
 * which calls it Creating, as AWS does: docs/decisions/0012-multi-region-keys.md.
 */
export const replicateKey = keyOperation<ReplicateKeyRequest, ReplicateKeyResponse>({
  name: "ReplicateKey",
  conditions: (input) => parameterCondition("kms:replicaregion", input.ReplicaRegion),
  async run(call, key, input) {
    const region = input.ReplicaRegion as string;
    const there = { ...call, region };
    requirePrimary(key.record);
    const { spec, usage, origin } = key.record;
    authorizeCreation(there, {
      spec,
      usage,
      origin,
      multiRegionKeyType: "REPLICA",
      bypassPolicyLockoutSafetyCheck: input.BypassPolicyLockoutSafetyCheck,
      tags: input.Tags,
    });
    requireState(key.record, "ReplicateKey");
    if (!call.kms.servesRegion(region)) {
      throw new UnsupportedOperationException(`ReplicaRegion ${region} is not a Region that is served here.`);
    }
    if (partitionOf(region) !== partitionOf(call.region)) {
      throw new UnsupportedOperationException(
        `ReplicaRegion ${region} is not in the same partition as the primary key's Region ${call.region}.`,
      );
    }
    const parsed = input.Policy === undefined ? undefined : await resolveKeyPolicy(call.kms, input.Policy);
    const replica: KeyRecord = {
      ...key.record,
      region,
      createdAt: call.kms.clock(),
      description: input.Description ?? "",
      policy: parsed?.text ?? defaultKeyPolicy(key.record.account),
      tags: withTags([], input.Tags ?? []),
      state: origin === "EXTERNAL" ? "PendingImport" : "Enabled",
    };
    if (parsed !== undefined && !input.BypassPolicyLockoutSafetyCheck) {
      requireNoLockout(there, { arn: keyArn(replica), record: replica }, parsed);
    }
    const regions = await call.kms.store.transaction(async (transaction) => {
      const primary = await transaction.key(key.record);
      if (primary === undefined) throw new NotFoundException(`Key '${key.arn}' does not exist`);
      requireState(primary, "ReplicateKey");
      requirePrimary(primary);
      if ((await transaction.key(replica)) !== undefined) {
        throw new AlreadyExistsException(`A related multi-Region key already exists: ${keyArn(replica)}`);
      }
      await requireRoomForKey(transaction, replica);
      const { rotation, currentMaterialId } = primary;
      await transaction.putKey({ ...replica, rotation, currentMaterialId });
      for (const material of await transaction.materials(primary)) {
        // Imported material is not copied: it is for who has it to import it into the replica.
        const copied = origin === "EXTERNAL" ? { ...material, wrapped: null, imported: null } : material;
        await transaction.putMaterial(replica, materialFor(call.kms.hsm, primary, replica, copied));
      }
      return (await transaction.relatedKeys(primary)).map((related) => related.region);
    });
    return {
      ReplicaKeyMetadata: keyMetadata({ ...replica, state: "Creating" }, { validTo: undefined, regions }),
      ReplicaPolicy: input.Policy ?? replica.policy,
      ReplicaTags: [...replica.tags],
    };
  },
});
