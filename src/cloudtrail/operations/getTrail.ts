import type { GetTrailRequest, GetTrailResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { requireTrail, trailReference, trailView } from "../trail.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html */
export const getTrail: CloudTrailOperation<GetTrailRequest, GetTrailResponse> = {
  name: "GetTrail",
  async run(call, input) {
    const reference = trailReference(call, input.Name as string);
    authorize(call, "GetTrail", reference.arn);
    return { Trail: trailView(await requireTrail(call, call.cloudTrail.store, reference)) };
  },
};
