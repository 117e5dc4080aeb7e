import { QueryException } from "../iam/errors.ts";

/** What STS has beside the errors of IAM: reference/iam-sts.md §1.3. */
export const invalidParameterValue = (message: string) => new QueryException("InvalidParameterValue", 400, message);
export const packedPolicyTooLarge = (percent: number) =>
  new QueryException(
    "PackedPolicyTooLarge",
    400,
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
export const invalidIdentityToken = (message: string) => new QueryException("InvalidIdentityToken", 400, message);
export const expiredIdentityToken = (message: string) => new QueryException("ExpiredTokenException", 400, message);
export const idpCommunicationError = (message: string) => new QueryException("IDPCommunicationError", 400, message);
export const invalidAuthorizationMessage = () =>
  new QueryException("InvalidAuthorizationMessageException", 400, "Message is not valid");
export const invalidContextAssertion = (message: string) => new QueryException("InvalidContextAssertion", 400, message);
