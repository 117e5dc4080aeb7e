import type { DeleteTrailRequest } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { requireTrailAtHome, trailReference } from "../trail.ts";

/**
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html
 * What has been delivered stays, and so does all that the journal holds.
 */
export const deleteTrail: CloudTrailOperation<DeleteTrailRequest, void> = {
  name: "DeleteTrail",
  async run(call, input) {
    const reference = trailReference(call, input.Name as string);
    authorize(call, "DeleteTrail", reference.arn);
    await call.cloudTrail.store.transaction(async (transaction) => {
      await requireTrailAtHome(call, transaction, reference);
      await transaction.deleteTrail(reference.arn);
    });
  },
};
