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
