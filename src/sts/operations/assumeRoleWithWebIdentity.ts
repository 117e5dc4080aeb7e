import type { AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse } from "@aws-sdk/client-sts";
import { entityArn } from "../../iam/authorize.ts";
import type { OidcProviderRecord } from "../../iam/entity.ts";
import { accessDenied } from "../../iam/errors.ts";
import type { Iam } from "../../iam/operation.ts";
import { connectionCondition } from "../../policy/globalKeys.ts";
import { roleSessionDuration } from "../duration.ts";
import { invalidIdentityToken } from "../errors.ts";
import { type RequestedRole, requestedRole } from "../role.ts";
import { assumedRoleUser, newCredentials } from "../session.ts";
import { packedPolicySize, sessionPolicies } from "../sessionPolicy.ts";
import { roleSessionTags } from "../sessionTags.ts";
import { type Assumer, assumptionRefusal, type RoleSessionRequest } from "../trust.ts";
import type { UnsignedOperation } from "../unsignedOperation.ts";
import { claimConditions, sessionWishes } from "../webIdentity/claims.ts";
import { type IdToken, readIdToken, requireCurrent } from "../webIdentity/idToken.ts";
import type { ProviderKeys } from "../webIdentity/providerKeys.ts";
import { requireAudience, requireSigned } from "../webIdentity/verification.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html; checks as in reference/iam-sts.md §4.5 */
export function assumeRoleWithWebIdentity(
  keys: ProviderKeys,
): UnsignedOperation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse> {
  return {
    name: "AssumeRoleWithWebIdentity",
    async run(call, input) {
      const { iam } = call;
      const now = iam.clock();
      const requested = await requestedRole(iam, input.RoleArn as string);
      const token = requireIdToken(input);
      const provider = await requireProvider(iam, requested, token);
      requireCurrent(token, now);
      await requireSigned(keys, provider, token, now);
      const audience = requireAudience(provider, token);
      const { tags: wished, transitiveTagKeys, sourceIdentity } = sessionWishes(token);
      const name = input.RoleSessionName as string;
      const claims = claimConditions(provider.name, token);
      const arn = entityArn(provider);
      const facts = { ...call, now };
      const assumer: Assumer = {
        caller: { kind: "bearer", account: provider.account, names: { direct: [arn], issuer: [], account: undefined } },
        policies: { identity: [], boundary: undefined, session: undefined },
        condition: (key) => (Object.hasOwn(claims, key) ? claims[key] : connectionCondition(facts, key)),
      };
      const role = requireTrusted(assumer, {
        role: requested,
        sessionName: name,
        sourceIdentity,
        tags: wished,
        transitiveTagKeys,
        inheritedTags: [],
      });
      const duration = roleSessionDuration(role, input.DurationSeconds, false);
      const tags = roleSessionTags([], wished, transitiveTagKeys);
      const policies = await sessionPolicies(iam, role.account, input);
      const size = packedPolicySize(policies, tags.tags);
      const session = {
        type: "AssumeRoleWithWebIdentity",
        account: role.account,
        entityId: role.id,
        name,
        ...(sourceIdentity !== undefined && { sourceIdentity }),
        ...tags,
        ...policies,
        provider: arn,
        claims,
      } as const;
      return {
        Credentials: newCredentials(iam, session, duration),
        SubjectFromWebIdentityToken: token.sub,
        AssumedRoleUser: assumedRoleUser(role, name),
        ...(size !== undefined && { PackedPolicySize: size }),
        Provider: arn,
        Audience: audience,
        ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
      };
    },
  };
}

/** A ProviderId comes with the access tokens of two OAuth 2.0 providers, which are no JWTs. @throws InvalidIdentityToken */
function requireIdToken({ ProviderId, WebIdentityToken }: AssumeRoleWithWebIdentityRequest): IdToken {
  return readIdToken(ProviderId === undefined ? (WebIdentityToken as string) : "");
}

/** The provider of the token's issuer, if the role's account has registered it. @throws InvalidIdentityToken */
async function requireProvider(iam: Iam, { account }: RequestedRole, { iss }: IdToken): Promise<OidcProviderRecord> {
  const name = /^https:\/\/(.+)$/s.exec(iss)?.[1];
  const open = name === undefined ? undefined : await iam.store.account(account);
  const provider =
    open?.closedAt === null ? await iam.store.entityNamed(account, "oidcProvider", name as string) : undefined;
  if (provider !== undefined) return provider;
  throw invalidIdentityToken(`No OpenIDConnect provider found in your account for ${iss}`);
}

/** @returns the role, which is there since it trusts somebody @throws AccessDenied, the same for a role that is not there */
function requireTrusted(assumer: Assumer, request: RoleSessionRequest) {
  const { role } = request.role;
  const refusal = assumptionRefusal("AssumeRoleWithWebIdentity", request, assumer);
  if (refusal === undefined && role !== undefined) return role;
  throw accessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
}
