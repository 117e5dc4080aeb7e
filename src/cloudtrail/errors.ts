/** What a caller of CloudTrail is told. Everything else that is thrown is a bug, and leaves without detail. */
export abstract class CloudTrailException extends Error {
  /** `__type` on the wire */
  readonly code: string;
  /** reference/cloudtrail.md §6: all of them */
  readonly status = 400;

  constructor(message = "") {
    super(message);
    this.code = new.target.name;
  }
}

/** Not modeled, but every operation gives it. */
export class AccessDeniedException extends CloudTrailException {}

export class CloudTrailARNInvalidException extends CloudTrailException {}
export class CloudWatchLogsDeliveryUnavailableException extends CloudTrailException {}
export class InsufficientS3BucketPolicyException extends CloudTrailException {}
export class InsufficientSnsTopicPolicyException extends CloudTrailException {}
export class InvalidEventCategoryException extends CloudTrailException {}
export class InvalidEventSelectorsException extends CloudTrailException {}
export class InvalidHomeRegionException extends CloudTrailException {}
export class InvalidLookupAttributesException extends CloudTrailException {}
export class InvalidMaxResultsException extends CloudTrailException {}
export class InvalidNextTokenException extends CloudTrailException {}
export class InvalidParameterCombinationException extends CloudTrailException {}
export class InvalidS3BucketNameException extends CloudTrailException {}
export class InvalidS3PrefixException extends CloudTrailException {}
export class InvalidTagParameterException extends CloudTrailException {}
export class InvalidTimeRangeException extends CloudTrailException {}
export class InvalidTokenException extends CloudTrailException {}
export class InvalidTrailNameException extends CloudTrailException {}
export class MaximumNumberOfTrailsExceededException extends CloudTrailException {}
export class OrganizationsNotInUseException extends CloudTrailException {}
export class ResourceNotFoundException extends CloudTrailException {}
export class ResourceTypeNotSupportedException extends CloudTrailException {}
export class S3BucketDoesNotExistException extends CloudTrailException {}
export class TagsLimitExceededException extends CloudTrailException {}
export class TrailAlreadyExistsException extends CloudTrailException {}
export class TrailNotFoundException extends CloudTrailException {}
export class UnsupportedOperationException extends CloudTrailException {}
/** Not modeled for LookupEvents, which gives it nevertheless. */
export class ThrottlingException extends CloudTrailException {
  constructor() {
    super("Rate exceeded");
  }
}
