import type { AssumeRoleRequest, AssumeRoleResponse } from "@aws-sdk/client-sts";
import { accessDenied } from "../../iam/errors.ts";
import type { IamCall, IamOperation } from "../../iam/operation.ts";
import { denialReason } from "../../policy/denial.ts";
import { globalCondition } from "../../policy/globalKeys.ts";
import { roleSessionDuration } from "../duration.ts";
import { invalidContextAssertion } from "../errors.ts";
import { type GivenMfa, givesMfa, verifiedMfa } from "../mfa.ts";
import { type RequestedRole, requestedRole } from "../role.ts";
import { assumedRoleUser, newCredentials } from "../session.ts";
import { packedPolicySize, sessionPolicies } from "../sessionPolicy.ts";
import { inheritedTags, roleSessionTags } from "../sessionTags.ts";
import { type Assumer, assumptionRefusal, type Refusal, type RoleSessionRequest } from "../trust.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const assumeRole: IamOperation<AssumeRoleRequest, AssumeRoleResponse> = {
  name: "AssumeRole",
  async run(call, input) {
    const { iam, principal } = call;
    const requested = await requestedRole(iam, input.RoleArn as string);
    if (principal.type === "root") throw accessDenied("Roles may not be assumed by root accounts.");
    if (principal.type === "federated") throw notAuthorized(call, "AssumeRole", requested);
    const name = input.RoleSessionName as string;
    const sourceIdentity = requireSameSourceIdentity(call, requested, input.SourceIdentity);
    const inherited = inheritedTags(principal.session);
    const role = requireTrusted(call, input, {
      role: requested,
      sessionName: name,
      externalId: input.ExternalId,
      sourceIdentity,
      tags: input.Tags,
      transitiveTagKeys: input.TransitiveTagKeys,
      inheritedTags: inherited,
    });
    if (input.ProvidedContexts?.length) throw invalidContextAssertion("No provider of contexts is trusted here.");
    const mfaAt = (await verifiedMfa(call, input)) ?? principal.session?.mfaAt ?? null;
    const duration = roleSessionDuration(role, input.DurationSeconds, principal.type === "role");
    const tags = roleSessionTags(inherited, input.Tags, input.TransitiveTagKeys);
    const policies = await sessionPolicies(iam, role.account, input);
    const size = packedPolicySize(policies, tags.tags);
    const source = sourceIdentity === undefined ? {} : { sourceIdentity };
    const session = {
      type: "AssumeRole",
      account: role.account,
      entityId: role.id,
      name,
      mfaAt,
      ...source,
      ...tags,
      ...policies,
    } as const;
    return {
      Credentials: newCredentials(iam, session, duration),
      AssumedRoleUser: assumedRoleUser(role, name),
      ...(size !== undefined && { PackedPolicySize: size }),
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    };
  },
};

/** Once set, a source identity stays for the whole chain. @throws AccessDenied */
function requireSameSourceIdentity(call: IamCall, role: RequestedRole, given: string | undefined): string | undefined {
  const inherited = call.principal.session?.sourceIdentity;
  if (inherited !== undefined && given !== undefined && given !== inherited) {
    throw notAuthorized(call, "SetSourceIdentity", role);
  }
  return given ?? inherited;
}

/** @returns the role, which is there since it trusts somebody @throws AccessDenied: reference/policy-language.md §5.4, §6 */
function requireTrusted(call: IamCall, mfa: GivenMfa, request: RoleSessionRequest) {
  const { principal } = call;
  const assumer = { caller: principal.caller, policies: principal.policies, condition: conditions(call, mfa) };
  const refusal = assumptionRefusal("AssumeRole", request, assumer);
  const { role } = request.role;
  if (refusal !== undefined || role === undefined) {
    throw notAuthorized(call, refusal?.action ?? "AssumeRole", request.role, refusal);
  }
  return role;
}

/** The caller's conditions. A code that comes with the request is taken for right here; whether it is comes next. */
function conditions(call: IamCall, mfa: GivenMfa): Assumer["condition"] {
  const facts = { ...call, now: call.iam.clock() };
  const given = givesMfa(mfa);
  return (name) => {
    if (given && name === "aws:multifactorauthpresent") return "true";
    if (given && name === "aws:multifactorauthage") return "0";
    return globalCondition(facts, name);
  };
}

/** A role that is not there is told as one that does not trust the caller. The cause is told when it is the caller's own policies, in the role's account. */
function notAuthorized(call: IamCall, action: string, { arn, account }: RequestedRole, refusal?: Refusal) {
  const { principal } = call;
  const own = refusal !== undefined && refusal.decision.source !== "resource" && account === principal.account;
  const cause = own ? ` ${denialReason(`sts:${action}`, refusal.decision)}` : "";
  return accessDenied(`User: ${principal.arn} is not authorized to perform: sts:${action} on resource: ${arn}${cause}`);
}
