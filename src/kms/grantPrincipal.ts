import { isEntityArn, isUniqueId } from "../policy/principalForm.ts";
import { InvalidArnException } from "./errors.ts";
import type { GrantPrincipal } from "./grant.ts";
import type { Directory } from "./operation.ts";

const ACCOUNT = /^(?:\d{12}|arn:aws:iam::\d{12}:root)$/;
/** A role's session and a federated user, which are nowhere on record. */
const SESSION = /^arn:aws:sts::\d{12}:(?:assumed-role\/[\w+=,.@-]+\/|federated-user\/)[\w+=,.@-]+$/;

/**
 * The principal that an ARN (or an account's 12 digits) in a request means. It has to exist: a grant goes to who has the
 * name now, and not to who takes it later. Of sessions the account must.
 * @throws InvalidArnException: also for groups and organizations, which no grant can be for
 */
export async function requireGrantPrincipal(identities: Directory, arn: string): Promise<GrantPrincipal> {
  const principal = await findGrantPrincipal(identities, arn);
  // The text that clients wait by for a new role to arrive.
  if (principal === undefined) throw new InvalidArnException(`ARN does not refer to a valid principal: ${arn}`);
  return principal;
}

/** The same for what may be there or not; undefined when it is not. */
export async function findGrantPrincipal(identities: Directory, arn: string): Promise<GrantPrincipal | undefined> {
  if (isEntityArn(arn)) return identities.principalId(arn);
  const account = accountOfPrincipal(arn);
  if (account === undefined || !(await identities.accountExists(account))) return undefined;
  return ACCOUNT.test(arn) ? account : arn;
}

/** The account of the principal that an ARN names; undefined for what is none. */
export function accountOfPrincipal(arn: string): string | undefined {
  const known = ACCOUNT.test(arn) || isEntityArn(arn) || SESSION.test(arn);
  return known ? /\d{12}/.exec(arn)?.[0] : undefined;
}

/** A service's name, such as `dynamodb.amazonaws.com`: of the stored forms the one with a dot that is no ARN. */
export function isServicePrincipal(principal: GrantPrincipal): boolean {
  return principal.includes(".") && !principal.startsWith("arn:");
}

/** Principals as they are called now: users and roles by their ARNs, or by their ids when they are no more. */
export async function shownPrincipals(
  identities: Directory,
  principals: Iterable<GrantPrincipal | null>,
): Promise<(principal: GrantPrincipal) => string> {
  const arns = new Map<GrantPrincipal, string>();
  for (const principal of new Set(principals)) {
    if (principal === null || !isUniqueId(principal)) continue;
    const arn = await identities.principalArn(principal);
    if (arn !== undefined) arns.set(principal, arn);
  }
  return (principal) => {
    if (/^\d{12}$/.test(principal)) return `arn:aws:iam::${principal}:root`;
    return arns.get(principal) ?? principal;
  };
}
