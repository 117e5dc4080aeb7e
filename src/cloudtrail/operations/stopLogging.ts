import type { StopLoggingRequest } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { isLogging, type LoggingPeriod, requireTrailAtHome, trailReference } from "../trail.ts";

/**
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html
 * Nothing more is delivered; everything goes on being recorded in the journal.
 */
export const stopLogging: CloudTrailOperation<StopLoggingRequest, void> = {
  name: "StopLogging",
  async run(call, input) {
    const { store, clock } = call.cloudTrail;
    const reference = trailReference(call, input.Name as string);
    authorize(call, "StopLogging", reference.arn);
    await store.transaction(async (transaction) => {
      const trail = await requireTrailAtHome(call, transaction, reference);
      if (!isLogging(trail)) return;
      const [latest, ...former] = trail.logging as [LoggingPeriod, ...LoggingPeriod[]];
      await transaction.putTrail(reference.arn, { ...trail, logging: [{ ...latest, to: clock() }, ...former] });
    });
  },
};
