import { accessDenied } from "../iam/errors.ts";
import { verifyMfa } from "../iam/mfa.ts";
import type { IamCall } from "../iam/operation.ts";

/** As AssumeRole and GetSessionToken take a code. */
export interface GivenMfa {
  SerialNumber?: string | undefined;
  TokenCode?: string | undefined;
}

/**
 * When the caller gave a code of its own MFA device, in milliseconds since the epoch; undefined when it gave none.
 * A code is good once, so this comes after the decision that it is for.
 * @throws AccessDenied: reference/iam-sts.md §4.3
 */
export async function verifiedMfa(call: IamCall, given: GivenMfa): Promise<number | undefined> {
  if (!givesMfa(given)) return undefined;
  const { SerialNumber, TokenCode } = given;
  if (SerialNumber === undefined || TokenCode === undefined) {
    throw failed(", must provide both MFA serial number and one time pass code.");
  }
  const { principal } = call;
  const owner = principal.type === "root" ? principal.account : (principal.entity?.id as string);
  const verification = await verifyMfa(call, owner, SerialNumber, TokenCode);
  if (verification.valid) return verification.at;
  throw failed(
    verification.reason === "code"
      ? " with invalid MFA one time pass code."
      : ", unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
  );
}

export function givesMfa({ SerialNumber, TokenCode }: GivenMfa): boolean {
  return SerialNumber !== undefined || TokenCode !== undefined;
}

const failed = (how: string) => accessDenied(`MultiFactorAuthentication failed${how}`);
