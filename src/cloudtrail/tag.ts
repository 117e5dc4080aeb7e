import type { Tag } from "@aws-sdk/client-cloudtrail";
import type { Reader } from "../store/store.ts";
import { authorize } from "./authorize.ts";
import {
  CloudTrailARNInvalidException,
  InvalidTagParameterException,
  ResourceNotFoundException,
  ResourceTypeNotSupportedException,
  TagsLimitExceededException,
} from "./errors.ts";
import type { CloudTrailCall } from "./operation.ts";
import { parseTrailArn, type TrailRecord, type TrailReference } from "./trail.ts";

const TAG_LIMIT = 50;
/** of the model; a tag's own lengths are checked by it */
const RESOURCES_MAX = 20;

/**
 * The tags once those of a request are put on.
 * @throws InvalidTagParameterException: a key given twice, a key that begins with `aws:`; TagsLimitExceededException
 */
export function withTags(existing: readonly Tag[], given: readonly Tag[]): Tag[] {
  const tags = new Map(existing.map((tag) => [tag.Key, tag]));
  if (new Set(given.map(({ Key }) => Key)).size < given.length) {
    throw new InvalidTagParameterException("Duplicate tag keys are not allowed.");
  }
  for (const { Key, Value } of given) {
    if (Key?.toLowerCase().startsWith("aws:")) {
      throw new InvalidTagParameterException("Tag keys that begin with aws: are reserved.");
    }
    tags.set(Key, { Key, ...(Value !== undefined && { Value }) });
  }
  if (tags.size > TAG_LIMIT) {
    throw new TagsLimitExceededException(`The number of tags of a trail is limited to ${TAG_LIMIT}.`);
  }
  return [...tags.values()];
}

/** What requests about tags to conditions: `aws:TagKeys`, `aws:RequestTag/…`. */
export function tagConditions(tags: readonly Tag[]) {
  return (name: string) => {
    if (name === "aws:tagkeys") return tags.map(({ Key }) => Key as string);
    if (!name.startsWith("aws:requesttag/")) return undefined;
    return tags.find(({ Key }) => Key?.toLowerCase() === name.slice("aws:requesttag/".length))?.Value;
  };
}

/**
 * The trail that a request about tags names, which it may ask that of.
 * @throws CloudTrailARNInvalidException, ResourceTypeNotSupportedException, AccessDeniedException
 */
export function taggedTrail(call: CloudTrailCall, action: string, arn: string, tags?: readonly Tag[]): TrailReference {
  if (/^arn:aws:cloudtrail:[a-z0-9-]+:\d{12}:(eventdatastore|channel|dashboard)\//.test(arn)) {
    throw new ResourceTypeNotSupportedException("Resource type is not supported: trails alone have tags here.");
  }
  const reference = parseTrailArn(arn);
  authorize(call, action, arn, tags && tagConditions(tags));
  return reference;
}

/** @throws ResourceNotFoundException */
export async function requireTagged(
  { principal: { account } }: CloudTrailCall,
  reader: Reader,
  reference: TrailReference,
): Promise<TrailRecord> {
  const trail = reference.account === account ? await reader.trail(reference.arn) : undefined;
  if (trail === undefined) throw new ResourceNotFoundException(`Resource not found: ${reference.arn}`);
  return trail;
}

/** @throws CloudTrailARNInvalidException: too many */
export function requireFewResources(arns: readonly string[]): void {
  if (arns.length > RESOURCES_MAX) {
    throw new CloudTrailARNInvalidException(`At most ${RESOURCES_MAX} ARNs can be given.`);
  }
}
