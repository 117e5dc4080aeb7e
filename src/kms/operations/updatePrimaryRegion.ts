import type { UpdatePrimaryRegionRequest } from "@aws-sdk/client-kms";
import { keyArn } from "../arn.ts";
import { authorize } from "../authorize.ts";
import { parameterCondition } from "../conditionValues.ts";
import { NotFoundException } from "../errors.ts";
import { requireState } from "../keyState.ts";
import { requirePrimary, shareWithRelated } from "../multiRegion.ts";
import { changeKey, keyOperation } from "../operation.ts";

/**
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html. Both keys are Updating for as long
 * as the transaction takes, so nobody sees it: docs/decisions/0012-multi-region-keys.md.
 */
export const updatePrimaryRegion = keyOperation<UpdatePrimaryRegionRequest, void>({
  name: "UpdatePrimaryRegion",
  conditions: (input) => parameterCondition("kms:primaryregion", input.PrimaryRegion),
  async run(call, key, input) {
    requirePrimary(key.record);
    const region = input.PrimaryRegion as string;
    const next = { ...key.record, region };
    const replica = region === key.record.region ? undefined : await call.kms.keys.find(next.account, region, next.id);
    if (replica === undefined) throw new NotFoundException(`Key '${keyArn(next)}' does not exist`);
    const conditions = parameterCondition("kms:primaryregion", region);
    await authorize({ ...call, region }, "UpdatePrimaryRegion", replica, conditions);
    requireState(key.record, "UpdatePrimaryRegion");
    await changeKey(call, key.record, "UpdatePrimaryRegion", async (record, transaction) => {
      requirePrimary(record);
      const current = await transaction.key(next);
      if (current === undefined) throw new NotFoundException(`Key '${keyArn(next)}' does not exist`);
      requireState(current, "UpdatePrimaryRegion");
      const changed = { ...record, primaryRegion: region };
      await shareWithRelated(transaction, changed);
      return changed;
    });
  },
});
