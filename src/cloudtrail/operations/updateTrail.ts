import type { UpdateTrailRequest, UpdateTrailResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { requireTrailAtHome, trailReference, trailSettings } from "../trail.ts";
import { requireRoomForTrail, requireWritableBucket, withSettings } from "../trailSettings.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html */
export const updateTrail: CloudTrailOperation<UpdateTrailRequest, UpdateTrailResponse> = {
  name: "UpdateTrail",
  async run(call, input) {
    const { store, clock } = call.cloudTrail;
    const reference = trailReference(call, input.Name as string);
    authorize(call, "UpdateTrail", reference.arn);
    const now = clock();
    const proposed = withSettings(await requireTrailAtHome(call, store, reference), input, now);
    await requireWritableBucket(call.cloudTrail, proposed);
    const trail = await store.transaction(async (transaction) => {
      const changed = withSettings(await requireTrailAtHome(call, transaction, reference), input, now);
      await requireRoomForTrail(transaction, changed);
      await transaction.putTrail(reference.arn, changed);
      return changed;
    });
    return trailSettings(trail);
  },
};
