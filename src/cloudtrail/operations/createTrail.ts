import type { CreateTrailRequest, CreateTrailResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import { TrailAlreadyExistsException } from "../errors.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { tagConditions, withTags } from "../tag.ts";
import { requireTrailName, type TrailRecord, trailArn, trailSettings } from "../trail.ts";
import { requireRoomForTrail, requireWritableBucket, withSettings } from "../trailSettings.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html */
export const createTrail: CloudTrailOperation<CreateTrailRequest, CreateTrailResponse> = {
  name: "CreateTrail",
  async run(call, input) {
    const { account } = call.principal;
    const { cloudTrail, region } = call;
    const name = input.Name as string;
    const tags = input.TagsList ?? [];
    requireTrailName(name);
    const arn = trailArn({ account, region, name });
    authorize(call, "CreateTrail", arn, tagConditions(tags));
    if (tags.length > 0) authorize(call, "AddTags", arn, tagConditions(tags));
    const blank: TrailRecord = {
      account,
      region,
      name,
      bucket: input.S3BucketName as string,
      prefix: null,
      multiRegion: false,
      globalServiceEvents: true,
      validatedSince: null,
      recursiveLogging: true,
      selectors: null,
      tags: withTags([], tags),
      logging: [],
    };
    const trail = withSettings(blank, input, cloudTrail.clock());
    await requireWritableBucket(cloudTrail, trail);
    await cloudTrail.store.transaction(async (transaction) => {
      // A trail of all Regions has its name in each.
      if ((await transaction.trailsIn(account, region)).some((other) => other.name === name)) {
        throw new TrailAlreadyExistsException(`Trail ${name} already exists for customer: ${account}`);
      }
      await requireRoomForTrail(transaction, trail);
      await transaction.putTrail(arn, trail);
    });
    return trailSettings(trail);
  },
};
