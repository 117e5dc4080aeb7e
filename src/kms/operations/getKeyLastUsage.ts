import type { GetKeyLastUsageRequest, GetKeyLastUsageResponse } from "@aws-sdk/client-kms";
import { trackedSince } from "../keyLastUsage.ts";
import { keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html */
export const getKeyLastUsage = keyOperation<GetKeyLastUsageRequest, GetKeyLastUsageResponse>({
  name: "GetKeyLastUsage",
  run(_call, key) {
    const { last } = key.use;
    return {
      KeyId: key.arn,
      KeyLastUsage:
        last === undefined
          ? {}
          : {
              Operation: last.operation,
              Timestamp: new Date(last.at),
              CloudTrailEventId: last.eventId,
              KmsRequestId: last.requestId,
            },
      TrackingStartDate: new Date(trackedSince(key)),
      KeyCreationDate: new Date(key.record.createdAt),
    };
  },
});
