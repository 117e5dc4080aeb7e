import type { ListTrailsRequest, ListTrailsResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import { InvalidTokenException } from "../errors.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { type TrailRecord, trailArn } from "../trail.ts";

/** AWS does not say how many it lists at once. */
const PAGE = 100;

/**
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html
 * The account's, of all Regions. A token is the ARN of the last trail that was returned.
 */
export const listTrails: CloudTrailOperation<ListTrailsRequest, ListTrailsResponse> = {
  name: "ListTrails",
  async run(call, input) {
    authorize(call, "ListTrails");
    const after = input.NextToken === undefined ? undefined : arnOf(input.NextToken);
    const found = await call.cloudTrail.store.trails(call.principal.account, { after, limit: PAGE + 1 });
    const trails = found.slice(0, PAGE);
    return {
      Trails: trails.map((trail) => ({ TrailARN: trailArn(trail), Name: trail.name, HomeRegion: trail.region })),
      ...(found.length > PAGE && { NextToken: tokenOf(trailArn(trails.at(-1) as TrailRecord)) }),
    };
  },
};

const tokenOf = (arn: string) => Buffer.from(arn, "utf8").toString("base64url");

function arnOf(token: string): string {
  const arn = Buffer.from(token, "base64url").toString("utf8");
  if (!arn.startsWith("arn:aws:cloudtrail:") || tokenOf(arn) !== token) {
    throw new InvalidTokenException("The NextToken is not valid.");
  }
  return arn;
}
