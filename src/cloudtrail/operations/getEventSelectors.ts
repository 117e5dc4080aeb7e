import type { GetEventSelectorsRequest, GetEventSelectorsResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import { selectorsView } from "../eventSelectors.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { requireTrail, trailReference } from "../trail.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html */
export const getEventSelectors: CloudTrailOperation<GetEventSelectorsRequest, GetEventSelectorsResponse> = {
  name: "GetEventSelectors",
  async run(call, input) {
    const reference = trailReference(call, input.TrailName as string);
    authorize(call, "GetEventSelectors", reference.arn);
    const { selectors } = await requireTrail(call, call.cloudTrail.store, reference);
    return { TrailARN: reference.arn, ...selectorsView(selectors) };
  },
};
