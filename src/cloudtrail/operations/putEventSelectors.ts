import type { PutEventSelectorsRequest, PutEventSelectorsResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import { givenSelectors, selectorsView } from "../eventSelectors.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { requireTrailAtHome, trailReference } from "../trail.ts";

/**
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
 * Selectors decide what is in log files, and nothing else.
 */
export const putEventSelectors: CloudTrailOperation<PutEventSelectorsRequest, PutEventSelectorsResponse> = {
  name: "PutEventSelectors",
  async run(call, input) {
    const reference = trailReference(call, input.TrailName as string);
    authorize(call, "PutEventSelectors", reference.arn);
    const selectors = givenSelectors(input.EventSelectors, input.AdvancedEventSelectors);
    await call.cloudTrail.store.transaction(async (transaction) => {
      const trail = await requireTrailAtHome(call, transaction, reference);
      await transaction.putTrail(reference.arn, { ...trail, selectors });
    });
    return { TrailARN: reference.arn, ...selectorsView(selectors) };
  },
};
