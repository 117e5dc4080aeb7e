import { compilePolicy, type Policy, PolicyFault } from "../policy/document.ts";
import type { Caller, PolicySets } from "../policy/evaluate.ts";
import type { Reader } from "../store/store.ts";
import { policyName } from "./attachment.ts";
import { entityArn } from "./authorize.ts";
import type { EntityOf } from "./entity.ts";
import { invalidInput, noSuchHolder } from "./errors.ts";
import { managedPolicyDocument } from "./identities.ts";
import { authorizedEntity } from "./named.ts";
import type { IamCall } from "./operation.ts";
import { parseIdentityPolicy } from "./policyDocument.ts";
import { type Span, statementSpans } from "./policyText.ts";

export type PolicyHolder = EntityOf<"user" | "group" | "role">;

/** A policy in a simulation. */
export interface SimulatedPolicy {
  /** as matched statements name it */
  readonly id: string;
  readonly text: string;
  /** compiled for this simulation alone: its statements are nobody else's */
  readonly policy: Policy;
  /** where its statements stand; found when they are first asked for */
  readonly spans: () => readonly Span[];
  /** what it is: who has it inline, or the ARN of a managed one; undefined for one that the request brings */
  readonly inline?: { readonly kind: PolicyHolder["kind"]; readonly holder: string; readonly name: string };
  readonly arn?: string;
}

/** Everything of a user (with its groups), a group or a role that simulations decide by. */
export interface SimulatedPrincipal {
  readonly entity: PolicyHolder;
  readonly policies: readonly SimulatedPolicy[];
  readonly boundary: SimulatedPolicy | undefined;
}

/** What a simulation decides by: everything that a request names has been read. */
export interface Simulation {
  readonly policies: readonly SimulatedPolicy[];
  readonly boundary: SimulatedPolicy | undefined;
  readonly resourcePolicy: SimulatedPolicy | undefined;
  /** each level of an organization, outermost first; undefined: there is none */
  readonly organization: readonly (readonly SimulatedPolicy[])[] | undefined;
  readonly caller: Caller;
}

const HOLDER_ARN = /^arn:aws:iam::(\d{12}):(user|group|role)(\/(?:.*\/)?)([^/]+)$/;

/**
 * The user, group or role of an ARN, once the caller may call the operation on it, with its policies.
 * @throws InvalidInput: the ARN of something else; AccessDenied; NoSuchEntity
 */
export async function authorizedPrincipal(call: IamCall, action: string, arn: string): Promise<SimulatedPrincipal> {
  const [, account, kind, , name = ""] = HOLDER_ARN.exec(arn) ?? [];
  if (account !== call.principal.account) {
    throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
  const entity: PolicyHolder = await authorizedEntity(call, action, kind as PolicyHolder["kind"], name);
  if (entityArn(entity) !== arn) throw noSuchHolder(entity.kind, name);
  const { store } = call.iam;
  const policies = await policiesOf(store, entity);
  for (const id of entity.kind === "user" ? entity.groups : []) {
    const group = await store.entity(id);
    if (group?.kind === "group") policies.push(...(await policiesOf(store, group)));
  }
  const boundary = "boundary" in entity ? entity.boundary : null;
  return {
    entity,
    policies,
    boundary: boundary === null ? undefined : await managed(store, entity.account, boundary),
  };
}

/** @param policy compiled anew */
function simulated(id: string, text: string, policy: Policy): SimulatedPolicy {
  let spans: readonly Span[] | undefined;
  const found = () => {
    spans ??= statementSpans(text);
    return spans;
  };
  return { id, text, policy, spans: found };
}

async function policiesOf(reader: Reader, entity: PolicyHolder): Promise<SimulatedPolicy[]> {
  const { kind, name: holder, account } = entity;
  const found: SimulatedPolicy[] = Object.entries(entity.policies).map(([name, text]) => ({
    ...simulated(`${kind}_${holder}_${name}`, text, compilePolicy(text, "identity")),
    inline: { kind, holder, name },
  }));
  for (const arn of entity.attached) {
    const policy = await managed(reader, account, arn);
    if (policy !== undefined) found.push(policy);
  }
  return found;
}

async function managed(reader: Reader, account: string, arn: string): Promise<SimulatedPolicy | undefined> {
  const text = await managedPolicyDocument(reader, account, arn);
  return text === undefined ? undefined : { ...simulated(policyName(arn), text, compilePolicy(text, "identity")), arn };
}

/**
 * Policies that a request brings, of identities.
 * @param list the parameter that they are in
 * @throws InvalidInput
 */
export function givenPolicies(list: string, texts: readonly string[] | undefined): SimulatedPolicy[] {
  return (texts ?? []).map((text, i) => {
    const parsed = parseIdentityPolicy(text, { managed: false });
    const id = `${list}.${i + 1}`;
    if ("fault" in parsed) throw invalidInput(`${id}: ${parsed.fault}`);
    return simulated(id, text, parsed.policy);
  });
}

/** A boundary that a request brings: one at most. @throws InvalidInput */
export function givenBoundary(texts: readonly string[] | undefined): SimulatedPolicy | undefined {
  const list = "PermissionsBoundaryPolicyInputList";
  if ((texts?.length ?? 0) > 1) throw invalidInput(`${list} can contain only one policy.`);
  return givenPolicies(list, texts)[0];
}

/** A resource's policy that a request brings. @throws InvalidInput */
export function givenResourcePolicy(text: string | undefined): SimulatedPolicy | undefined {
  if (text === undefined) return undefined;
  try {
    return simulated("ResourcePolicy", text, compilePolicy(text, "resource"));
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    throw invalidInput(`ResourcePolicy: ${error.message}.`);
  }
}

/** Nothing but policies that name no principals. */
export function identityAlone(policies: readonly SimulatedPolicy[]): PolicySets {
  const identity = policies.map(({ policy }) => policy);
  return { resource: [], identity, boundary: undefined, session: undefined, resourceMustAllow: false };
}
