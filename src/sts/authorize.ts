import type { IamConditions } from "../iam/authorize.ts";
import { accessDenied } from "../iam/errors.ts";
import type { IamCall } from "../iam/operation.ts";
import { denialReason } from "../policy/denial.ts";
import { decide } from "../policy/evaluate.ts";
import { globalCondition } from "../policy/globalKeys.ts";

/**
 * May the caller call this operation, of which no other's policy has a say? Its own policies decide; root may all.
 * @param action without its `sts:`
 * @param resource an ARN; `*` for none
 * @throws AccessDenied: reference/policy-language.md §6
 */
export function authorize(call: IamCall, action: string, resource: string, conditions?: IamConditions): void {
  const { principal } = call;
  const facts = { principal, connection: call.connection, region: call.region, now: call.iam.clock() };
  const decision = decide(
    {
      caller: principal.caller,
      action: `sts:${action.toLowerCase()}`,
      resource,
      owner: principal.account,
      context: {
        get: (name) =>
          conditions?.(name) ??
          (name === "aws:resourceaccount" ? principal.account : undefined) ??
          globalCondition(facts, name),
      },
    },
    { resource: [], ...principal.policies, resourceMustAllow: false },
  );
  if (decision.effect === "allow") return;
  throw accessDenied(
    `User: ${principal.arn} is not authorized to perform: sts:${action} on resource: ${resource} ${denialReason(`sts:${action}`, decision)}`,
  );
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
