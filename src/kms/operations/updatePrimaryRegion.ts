import type { UpdatePrimaryRegionRequest } from "@aws-sdk/client-kms";
import { keyArn } from "../arn.ts";
import { authorize } from "../authorize.ts";
import { parameterCondition } from "../conditionValues.ts";
import { NotFoundException, UnsupportedOperationException } from "../errors.ts";
import { requireState } from "../keyState.ts";
import { requirePrimary, shareWithRelated, synchronizedKeys } from "../multiRegion.ts";
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
    // The model says only that PrimaryRegion must be that of a replica; the text is ours.
    if (region === call.region) {
      throw new UnsupportedOperationException(`${key.arn} is the multi-region primary key already.`);
    }
    const next = { ...key.record, region };
    const replica = await call.kms.keys.find(next.account, region, next.id);
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
      // The two have records of the request itself; the other replicas have learnt of their new primary by it.
      const keys = await synchronizedKeys(transaction, { ...current, primaryRegion: region });
      const others = keys.filter((each) => each.region !== record.region);
      if (others.length > 1) call.touched.synchronized = others;
      return changed;
    });
  },
});
