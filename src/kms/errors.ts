/** What a caller is told. Everything else that is thrown is a bug, and leaves as KMSInternalException without detail. */
export abstract class KmsException extends Error {
  /** `__type` on the wire */
  readonly code: string;
  /** every client fault arrives as 400, whatever the model's traits say: reference/kms-semantics.md §7.1 */
  readonly status: number = 400;

  constructor(message = "") {
    super(message);
    this.code = new.target.name;
  }
}

export class AlreadyExistsException extends KmsException {}
export class ConflictException extends KmsException {}
export class DisabledException extends KmsException {}
export class ExpiredImportTokenException extends KmsException {}
export class IncorrectKeyMaterialException extends KmsException {}
export class InvalidImportTokenException extends KmsException {}
export class IncorrectKeyException extends KmsException {
  constructor() {
    super("The key ID in the request does not identify a CMK that can perform this operation.");
  }
}
export class InvalidAliasNameException extends KmsException {}
export class InvalidArnException extends KmsException {}
/** Carries no message: it must not tell what is wrong with a blob. */
export class InvalidCiphertextException extends KmsException {}
export class InvalidGrantIdException extends KmsException {}
export class InvalidGrantTokenException extends KmsException {}
export class InvalidKeyUsageException extends KmsException {}
export class InvalidMarkerException extends KmsException {}
/** Neither says why, as AWS has them. */
export class KMSInvalidMacException extends KmsException {}
export class KMSInvalidSignatureException extends KmsException {}
export class KMSInvalidStateException extends KmsException {}
export class LimitExceededException extends KmsException {}
export class MalformedPolicyDocumentException extends KmsException {}
export class NotFoundException extends KmsException {}
export class TagException extends KmsException {}
export class UnsupportedOperationException extends KmsException {}
export class CustomKeyStoreNotFoundException extends KmsException {}
export class DryRunOperationException extends KmsException {
  constructor() {
    super("The request would have succeeded, but the DryRun option is set.");
  }
}
export class DependencyTimeoutException extends KmsException {
  override readonly status = 503;
  constructor() {
    super("The system timed out while trying to fulfill the request. You can retry the request.");
  }
}
export class KMSInternalException extends KmsException {
  override readonly status = 500;
  constructor() {
    super("The request was rejected because an internal exception occurred. The request can be retried.");
  }
}
/** Not modeled, but every operation gives it. */
export class AccessDeniedException extends KmsException {}
export class ThrottlingException extends KmsException {
  constructor() {
    super("You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.");
  }
}
/** The rules that the model cannot say; what it can say is checked before an operation runs. */
export class ValidationException extends KmsException {}
