import { authorizeByIdentity, type IamConditions } from "../iam/authorize.ts";
import { accessDenied } from "../iam/errors.ts";
import type { IamCall } from "../iam/operation.ts";

/**
 * May the caller call this operation, of which no other's policy has a say? Its own policies decide; root may all.
 * @param action without its `sts:`
 * @param resource an ARN; `*` for none
 * @throws AccessDenied: reference/policy-language.md §6
 */
export function authorize(call: IamCall, action: string, resource: string, conditions?: IamConditions): void {
  authorizeByIdentity(call, `sts:${action}`, { arn: resource }, conditions);
}

/**
 * For operations that make sessions of the caller's own identity, which a session may not.
 * @throws AccessDenied: reference/iam-sts.md §4.6
 */
export function requireLongTermCredentials({ principal }: IamCall, operation: string): void {
  if (principal.session !== undefined) throw sessionRefused(operation);
}

/**
 * A GetSessionToken session may call AssumeRole and GetCallerIdentity alone, a federated user GetCallerIdentity alone:
 * reference/iam-sts.md §4.1.
 * @throws AccessDenied
 */
export function requireUserOrRole({ principal: { session } }: IamCall, operation: string): void {
  if (session?.type === "GetSessionToken" || session?.type === "GetFederationToken") throw sessionRefused(operation);
}

const sessionRefused = (operation: string) => accessDenied(`Cannot call ${operation} with session credentials`);
