import type { CreateTrailRequest, UpdateTrailRequest } from "@aws-sdk/client-cloudtrail";
import type { Reader } from "../store/store.ts";
import { DeliveryError, isBucketName, isKeyPrefix } from "./delivery/destination.ts";
import { accountPrefix } from "./delivery/objectKey.ts";
import {
  CloudWatchLogsDeliveryUnavailableException,
  InsufficientS3BucketPolicyException,
  InsufficientSnsTopicPolicyException,
  InvalidParameterCombinationException,
  InvalidS3BucketNameException,
  InvalidS3PrefixException,
  MaximumNumberOfTrailsExceededException,
  OrganizationsNotInUseException,
  S3BucketDoesNotExistException,
  UnsupportedOperationException,
} from "./errors.ts";
import type { CloudTrail } from "./operation.ts";
import { TRAILS_PER_REGION, type TrailRecord } from "./trail.ts";

/** What CreateTrail and UpdateTrail have in common. */
type Settings = Partial<Omit<CreateTrailRequest & UpdateTrailRequest, "Name" | "TagsList">>;

/**
 * The trail with the settings of a request; what it does not say stays. An empty text is no setting, as AWS's clients
 * send it to take one away.
 * @param now milliseconds since the epoch
 * @throws InvalidS3BucketNameException, InvalidS3PrefixException, InvalidParameterCombinationException, and for what a
 *   trail may have at AWS and cannot have here: topics, log groups, KMS keys, organizations
 */
export function withSettings(trail: TrailRecord, input: Settings, now: number): TrailRecord {
  refuseUnavailable(input);
  const bucket = input.S3BucketName ?? trail.bucket;
  if (!isBucketName(bucket)) throw new InvalidS3BucketNameException(`Bucket name ${quoted(bucket)} is not valid.`);
  const prefix = input.S3KeyPrefix === undefined ? trail.prefix : input.S3KeyPrefix || null;
  if (prefix !== null && !isKeyPrefix(prefix)) {
    throw new InvalidS3PrefixException(
      `The key prefix ${quoted(prefix)} is not valid, or is longer than 200 characters.`,
    );
  }
  const validated = input.EnableLogFileValidation ?? trail.validatedSince !== null;
  const changed: TrailRecord = {
    ...trail,
    bucket,
    prefix,
    multiRegion: input.IsMultiRegionTrail ?? trail.multiRegion,
    globalServiceEvents: input.IncludeGlobalServiceEvents ?? trail.globalServiceEvents,
    validatedSince: validated ? (trail.validatedSince ?? now) : null,
    recursiveLogging: input.RecursiveLogging ?? trail.recursiveLogging,
  };
  if (changed.multiRegion && !changed.globalServiceEvents) {
    throw new InvalidParameterCombinationException("Multi-Region trail must include global service events.");
  }
  return changed;
}

function refuseUnavailable(input: Settings): void {
  if (input.IsOrganizationTrail) {
    throw new OrganizationsNotInUseException("The account is not a member of an organization.");
  }
  if (input.SnsTopicName) {
    throw new InsufficientSnsTopicPolicyException("SNS Topic does not exist or the topic policy is incorrect!");
  }
  if (input.CloudWatchLogsLogGroupArn || input.CloudWatchLogsRoleArn) {
    throw new CloudWatchLogsDeliveryUnavailableException("CloudWatch Logs delivery is not available in this Region.");
  }
  if (input.KmsKeyId) {
    throw new UnsupportedOperationException(
      "Log files are not encrypted by the trail: have the bucket encrypt them, and leave KmsKeyId out.",
    );
  }
}

/** @throws S3BucketDoesNotExistException, InsufficientS3BucketPolicyException */
export async function requireWritableBucket({ destination }: CloudTrail, trail: TrailRecord): Promise<void> {
  const { bucket } = trail;
  const denied = (why = "") =>
    new InsufficientS3BucketPolicyException(`Incorrect S3 bucket policy is detected for bucket: ${bucket}${why}`);
  let found: Awaited<ReturnType<typeof destination.checkBucket>>;
  try {
    found = await destination.checkBucket(bucket, accountPrefix(trail));
  } catch (error) {
    if (error instanceof DeliveryError) throw denied(` (${error.code})`);
    throw error;
  }
  if (found === "missing") throw new S3BucketDoesNotExistException(`S3 bucket ${bucket} does not exist!`);
  if (found === "denied") throw denied();
}

/** A trail of all Regions is one of each Region's. @throws MaximumNumberOfTrailsExceededException */
export async function requireRoomForTrail(reader: Reader, trail: TrailRecord): Promise<void> {
  const { account, region, name } = trail;
  const others = (await reader.trailsIn(account, region)).filter(
    (other) => other.region !== region || other.name !== name,
  );
  if (others.length >= TRAILS_PER_REGION) {
    throw new MaximumNumberOfTrailsExceededException(
      `User: ${account} already has ${TRAILS_PER_REGION} trails in ${region}.`,
    );
  }
}

const quoted = (text: string) => JSON.stringify(text.slice(0, 256));
