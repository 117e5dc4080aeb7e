/** What a caller of IAM or STS is told: reference/iam-sts.md §1.3. Everything else that is thrown is a bug, and leaves as InternalFailure. */
export class QueryException extends Error {
  /** `Code` on the wire */
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message = "") {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const noSuchEntity = (message: string) => new QueryException("NoSuchEntity", 404, message);
export const noSuchHolder = (kind: "user" | "group" | "role", name: string) =>
  noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
export const entityAlreadyExists = (message: string) => new QueryException("EntityAlreadyExists", 409, message);
export const deleteConflict = (message: string) => new QueryException("DeleteConflict", 409, message);
export const limitExceeded = (message: string) => new QueryException("LimitExceeded", 409, message);
export const quotaExceeded = (quota: string, limit: number) =>
  limitExceeded(`Cannot exceed quota for ${quota}: ${limit}`);
export const malformedPolicy = (message: string) => new QueryException("MalformedPolicyDocument", 400, message);
export const invalidInput = (message: string) => new QueryException("InvalidInput", 400, message);
export const validationError = (message: string) => new QueryException("ValidationError", 400, message);
export const accessDenied = (message: string) => new QueryException("AccessDenied", 403, message);
export const passwordPolicyViolation = (message: string) => new QueryException("PasswordPolicyViolation", 400, message);
