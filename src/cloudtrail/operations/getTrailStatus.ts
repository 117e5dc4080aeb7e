import type { GetTrailStatusRequest, GetTrailStatusResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import { isoSeconds } from "../delivery/objectKey.ts";
import { NOTHING_DELIVERED } from "../delivery/state.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { isLogging, requireTrail, type TrailRecord, trailReference } from "../trail.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html */
export const getTrailStatus: CloudTrailOperation<GetTrailStatusRequest, GetTrailStatusResponse> = {
  name: "GetTrailStatus",
  async run(call, input) {
    const { store } = call.cloudTrail;
    const reference = trailReference(call, input.Name as string);
    authorize(call, "GetTrailStatus", reference.arn);
    const trail = await requireTrail(call, store, reference);
    const delivery = (await store.delivery(reference.arn)) ?? NOTHING_DELIVERED;
    const started = trail.logging[0]?.from ?? null;
    const stopped = latestStop(trail);
    return {
      IsLogging: isLogging(trail),
      ...(delivery.latestError !== null && { LatestDeliveryError: delivery.latestError }),
      ...time("LatestDeliveryTime", delivery.latestDelivery),
      ...time("StartLoggingTime", started),
      ...time("StopLoggingTime", stopped),
      ...time("LatestDigestDeliveryTime", delivery.latestDigest),
      ...(delivery.latestDigestError !== null && { LatestDigestDeliveryError: delivery.latestDigestError }),
      // no longer in use, and still sent
      LatestDeliveryAttemptTime: text(delivery.latestAttempt),
      LatestNotificationAttemptTime: "",
      LatestNotificationAttemptSucceeded: "",
      LatestDeliveryAttemptSucceeded: text(delivery.latestDelivery),
      TimeLoggingStarted: text(started),
      TimeLoggingStopped: text(stopped),
    };
  },
};

function latestStop({ logging }: TrailRecord): number | null {
  return logging.find(({ to }) => to !== null)?.to ?? null;
}

function time<Name extends string>(name: Name, at: number | null): { [name in Name]?: Date } {
  return at === null ? {} : ({ [name]: new Date(at) } as { [name in Name]: Date });
}

const text = (at: number | null) => (at === null ? "" : isoSeconds(at));
