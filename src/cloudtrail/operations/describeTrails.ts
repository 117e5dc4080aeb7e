import type { DescribeTrailsRequest, DescribeTrailsResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import { InvalidTrailNameException } from "../errors.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { type TrailRecord, trailReference, trailView } from "../trail.ts";

/** Names that a request may ask for: more than an account has trails in a Region. */
const NAMES_MAX = 100;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html */
export const describeTrails: CloudTrailOperation<DescribeTrailsRequest, DescribeTrailsResponse> = {
  name: "DescribeTrails",
  async run(call, input) {
    const { region } = call;
    const { account } = call.principal;
    const { store } = call.cloudTrail;
    authorize(call, "DescribeTrails");
    const names = input.trailNameList ?? [];
    const shadows = input.includeShadowTrails ?? true;
    if (names.length === 0) {
      const trails = await store.trailsIn(account, region);
      return { trailList: trails.filter((trail) => shadows || trail.region === region).map(trailView) };
    }
    if (names.length > NAMES_MAX) {
      throw new InvalidTrailNameException(`At most ${NAMES_MAX} trails can be asked for by name.`);
    }
    // Those that are not there are left out. By its ARN alone a trail of another Region is found.
    const found = new Map<string, TrailRecord>();
    for (const name of names) {
      const reference = trailReference(call, name);
      const trail = reference.account === account ? await store.trail(reference.arn) : undefined;
      if (trail !== undefined) found.set(reference.arn, trail);
    }
    return { trailList: [...found.values()].map(trailView) };
  },
};
