import type { StartLoggingRequest } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { isLogging, type LoggingPeriod, requireTrailAtHome, trailReference } from "../trail.ts";

/** Periods whose events are still to be delivered; of a trail that is switched more often, the oldest become one. */
const PERIODS_MAX = 50;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html */
export const startLogging: CloudTrailOperation<StartLoggingRequest, void> = {
  name: "StartLogging",
  async run(call, input) {
    const { store, clock } = call.cloudTrail;
    const reference = trailReference(call, input.Name as string);
    authorize(call, "StartLogging", reference.arn);
    await store.transaction(async (transaction) => {
      const trail = await requireTrailAtHome(call, transaction, reference);
      if (isLogging(trail)) return;
      const delivery = await transaction.delivery(reference.arn);
      const undelivered = delivery?.idle ? [] : trail.logging;
      const logging = bounded([{ from: clock(), to: null }, ...undelivered]);
      await transaction.putTrail(reference.arn, { ...trail, logging });
    });
  },
};

function bounded(periods: readonly LoggingPeriod[]): readonly LoggingPeriod[] {
  if (periods.length <= PERIODS_MAX) return periods;
  const kept = periods.slice(0, PERIODS_MAX - 1);
  const [latest, oldest] = [periods[PERIODS_MAX - 1], periods.at(-1)] as [LoggingPeriod, LoggingPeriod];
  return [...kept, { from: oldest.from, to: latest.to }];
}
