import type { ContextValue } from "../policy/context.ts";
import { denialReason } from "../policy/denial.ts";
import { decide } from "../policy/evaluate.ts";
import { globalCondition } from "../policy/globalKeys.ts";
import type { Entity, Tag } from "./entity.ts";
import { accessDenied, QueryException } from "./errors.ts";
import type { IamCall } from "./operation.ts";

/** What an operation of IAM is about. */
export interface IamResource {
  /** as policies match it; `*` for none */
  readonly arn: string;
  /** as messages name it: an ARN, or a word and a name such as `user bob`; the ARN when absent */
  readonly shown?: string;
  /** the tags it has: `iam:ResourceTag/…` */
  readonly tags?: readonly Tag[];
}

/** What an operation's own input says to conditions, by the condition key in lower case. */
export type IamConditions = (name: string) => ContextValue | undefined;

/** All of IAM is one Region's. */
const IAM_REGION = "us-east-1";

/**
 * May the caller call this operation of IAM? Its identity policies, boundary and session policies decide; root may all.
 * @param action the operation's name
 * @throws AccessDenied: reference/iam-sts.md §1.4, policy-language.md §6
 */
export function authorize(call: IamCall, action: string, resource: IamResource, conditions?: IamConditions): void {
  requireUsableSession(call);
  authorizeByIdentity({ ...call, region: IAM_REGION }, `iam:${action}`, resource, conditions);
}

/**
 * The same for any action that no other's policy has a say in.
 * @param action with its service: `iam:GetUser`
 * @throws AccessDenied
 */
export function authorizeByIdentity(
  call: IamCall,
  action: string,
  resource: IamResource,
  conditions?: IamConditions,
): void {
  const { principal, connection, region } = call;
  const facts = { principal, connection, region, now: call.iam.clock() };
  const decision = decide(
    {
      caller: principal.caller,
      action: action.toLowerCase(),
      resource: resource.arn,
      owner: principal.account,
      context: {
        get: (name) => conditions?.(name) ?? resourceCondition(call, resource, name) ?? globalCondition(facts, name),
      },
    },
    { resource: [], ...principal.policies, resourceMustAllow: false },
  );
  if (decision.effect === "allow") return;
  const asked = `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource.shown ?? resource.arn}`;
  throw accessDenied(`${asked} ${denialReason(action, decision)}`);
}

/** Without MFA, a GetSessionToken session is nobody to IAM; a federated user never is anybody: reference/iam-sts.md §4.6. */
function requireUsableSession({ principal: { session } }: IamCall): void {
  const refused =
    session?.type === "GetFederationToken" || (session?.type === "GetSessionToken" && session.mfaAt === null);
  if (!refused) return;
  throw new QueryException("InvalidClientTokenId", 403, "The security token included in the request is invalid");
}

function resourceCondition(call: IamCall, { tags }: IamResource, name: string): ContextValue | undefined {
  if (name === "aws:resourceaccount") return call.principal.account;
  for (const prefix of ["iam:resourcetag/", "aws:resourcetag/"]) {
    if (!name.startsWith(prefix)) continue;
    return tags?.find(({ Key }) => Key.toLowerCase() === name.slice(prefix.length))?.Value;
  }
  return undefined;
}

/** Conditions on tags in a request. */
export function tagConditions(tags: readonly { Key?: string; Value?: string }[] | undefined): IamConditions {
  return (name) => {
    if (name === "aws:tagkeys") return tags?.map(({ Key }) => Key as string);
    if (!name.startsWith("aws:requesttag/")) return undefined;
    return tags?.find(({ Key }) => Key?.toLowerCase() === name.slice(15))?.Value;
  };
}

/** `user bob`, `role app`, `group g`, as messages name what is already there; policies by their ARN. */
export function resourceOf(entity: Entity): IamResource {
  const arn = entityArn(entity);
  const tags = "tags" in entity ? entity.tags : [];
  return entity.kind === "policy"
    ? { arn, shown: `policy ${arn}`, tags }
    : { arn, shown: `${entity.kind} ${entity.name}`, tags };
}

const ARN_TYPES = {
  user: "user",
  group: "group",
  role: "role",
  policy: "policy",
  oidcProvider: "oidc-provider",
  mfaDevice: "mfa",
} as const;

/** An entity's ARN: reference/iam-sts.md §2.2 */
export function entityArn({ kind, account, path, name }: Pick<Entity, "kind" | "account" | "path" | "name">): string {
  return `arn:aws:iam::${account}:${ARN_TYPES[kind]}${path}${name}`;
}
