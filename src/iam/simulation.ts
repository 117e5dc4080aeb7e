import { setImmediate } from "node:timers/promises";
import type { EvaluationResult, PolicyEvaluationDecisionType, SimulateCustomPolicyRequest } from "@aws-sdk/client-iam";
import type { ContextValue, RequestContext } from "../policy/context.ts";
import { type AccessRequest, type Caller, type Decision, decide, type PolicySets } from "../policy/evaluate.ts";
import { explain } from "../policy/explain.ts";
import { invalidInput } from "./errors.ts";
import { type ListEnd, pageOfScan } from "./page.ts";
import { contextKeys, distinctKeys } from "./policyText.ts";
import { identityAlone, type SimulatedPolicy, type Simulation } from "./simulatedPolicy.ts";
import { matchedStatements } from "./statementMatch.ts";

/** What the two operations have in common. */
export type SimulationInput = Pick<
  SimulateCustomPolicyRequest,
  "ActionNames" | "ResourceArns" | "ResourceOwner" | "ContextEntries" | "MaxItems" | "Marker"
>;

/**
 * Decides each action on each resource, and says by what: reference/policy-language.md §7, iam-sts.md §3.8. Nothing of
 * the request that asks for it is seen, only what its ContextEntries say.
 * @param list the operation's name
 * @throws InvalidInput; ValidationError: marker
 */
export async function simulate(
  list: string,
  simulation: Simulation,
  input: SimulationInput,
): Promise<{ EvaluationResults: EvaluationResult[] } & ListEnd> {
  const { items, ...end } = await pageOfPairs(list, input);
  const context = givenContext(input.ContextEntries);
  const missing = missingKeys(simulation, context);
  const results: EvaluationResult[] = [];
  for (const { action, resource } of items) {
    const owner = ownerOf(simulation, resource, input.ResourceOwner);
    const request = { caller: simulation.caller, action: action.toLowerCase(), resource, owner, context };
    results.push(evaluationResult(simulation, request, action, missing));
    await setImmediate(); // documents may be large and pairs many: others are served meanwhile
  }
  return { EvaluationResults: results, ...end };
}

/** A part of all pairs of an action and a resource; a pair's place is its position. */
function pageOfPairs(list: string, input: SimulationInput) {
  const actions = (input.ActionNames ?? []).map(requireAction);
  const resources = input.ResourceArns?.length ? input.ResourceArns : ["*"];
  const count = actions.length * resources.length;
  const pair = (index: number) => ({
    index,
    action: actions[Math.floor(index / resources.length)] as string,
    resource: resources[index % resources.length] as string,
  });
  const read = async (after: string | undefined, limit: number) => {
    const start = after === undefined ? 0 : Number(after) + 1;
    return Array.from({ length: Math.max(0, Math.min(limit, count - start)) }, (_, i) => pair(start + i));
  };
  return pageOfScan(
    list,
    input,
    ({ index }) => String(index),
    () => true,
    read,
  );
}

function evaluationResult(
  simulation: Simulation,
  request: AccessRequest,
  action: string,
  missing: readonly string[],
): EvaluationResult {
  const { boundary, organization } = simulation;
  const levels = (organization ?? []).map((level) => identityDecision(request, level));
  const explanation = explain(request, policySets(simulation, request));
  const decided = strictest([inWords(explanation.decision), ...levels]);
  const found = {
    MatchedStatements: matchedStatements(simulation, explanation, request, decided),
    ...(boundary !== undefined && {
      PermissionsBoundaryDecisionDetail: {
        AllowedByPermissionsBoundary: identityDecision(request, [boundary]) === "allowed",
      },
    }),
  };
  const { resource } = request;
  const common = {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: decided,
    ...found,
    OrganizationsDecisionDetail: { AllowedByOrganizations: strictest(levels) === "allowed" },
  };
  if (resource === "*") return { ...common, MissingContextValues: [...missing] };
  const EvalDecisionDetails = decisionDetails(simulation, request);
  return {
    ...common,
    MissingContextValues: [],
    EvalDecisionDetails,
    ResourceSpecificResults: [
      {
        EvalResourceName: resource,
        EvalResourceDecision: decided,
        ...found,
        MissingContextValues: [...missing],
        ...(Object.keys(EvalDecisionDetails).length > 0 && { EvalDecisionDetails }),
      },
    ],
  };
}

function policySets(simulation: Simulation, request: AccessRequest): PolicySets {
  const { policies, boundary, resourcePolicy } = simulation;
  return {
    resource: resourcePolicy === undefined ? [] : [resourcePolicy.policy],
    identity: policies.map(({ policy }) => policy),
    boundary: boundary?.policy,
    session: undefined,
    resourceMustAllow: resourcePolicy !== undefined && request.action.startsWith("kms:"),
  };
}

/** What policies say that name no principals, if nothing else has a say. */
function identityDecision(request: AccessRequest, policies: readonly SimulatedPolicy[]): PolicyEvaluationDecisionType {
  return inWords(decide({ ...request, owner: request.caller.account }, identityAlone(policies)));
}

function inWords({ effect }: Decision): PolicyEvaluationDecisionType {
  return effect === "allow" ? "allowed" : effect === "explicit deny" ? "explicitDeny" : "implicitDeny";
}

/** What comes of decisions that must all allow. */
function strictest(decisions: readonly PolicyEvaluationDecisionType[]): PolicyEvaluationDecisionType {
  if (decisions.includes("explicitDeny")) return "explicitDeny";
  return decisions.includes("implicitDeny") ? "implicitDeny" : "allowed";
}

/** What each account's policies say, where there are two accounts. */
function decisionDetails(
  { policies, resourcePolicy }: Simulation,
  request: AccessRequest,
): Record<string, PolicyEvaluationDecisionType> {
  if (resourcePolicy === undefined || request.owner === request.caller.account) return {};
  // As the account's root, which needs no policy of its own account: what is left is the resource's.
  const resource = { resource: [resourcePolicy.policy], identity: [], boundary: undefined, session: undefined };
  const asRoot = { ...request, caller: { ...request.caller, kind: "root" as const } };
  return {
    "IAM Policy": identityDecision(request, policies),
    "Resource Policy": inWords(decide(asRoot, { ...resource, resourceMustAllow: true })),
  };
}

/** Whose a resource is. Without a policy of its own only the caller's have a say, as if it were the caller's. */
function ownerOf({ resourcePolicy, caller }: Simulation, resource: string, owner: string | undefined): string {
  if (resourcePolicy === undefined) return caller.account;
  const named = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1];
  return named ?? /\d{12}/.exec(owner ?? "")?.[0] ?? caller.account;
}

function givenContext(entries: SimulationInput["ContextEntries"]): RequestContext {
  const values = new Map<string, ContextValue>();
  for (const { ContextKeyName = "", ContextKeyValues = [], ContextKeyType = "string" } of entries ?? []) {
    const [only] = ContextKeyValues;
    const single = !ContextKeyType.endsWith("List") && ContextKeyValues.length === 1 && only !== undefined;
    values.set(ContextKeyName.toLowerCase(), single ? only : ContextKeyValues);
  }
  return { get: (key) => values.get(key) };
}

/** What the documents ask for and the request does not say, whether or not it would have mattered. */
function missingKeys(simulation: Simulation, context: RequestContext): string[] {
  const { policies, boundary, resourcePolicy, organization = [] } = simulation;
  const all = [...policies, boundary, resourcePolicy, ...organization.flat()].filter((one) => one !== undefined);
  return distinctKeys(all.flatMap(({ text }) => contextKeys(text))).filter(
    (key) => context.get(key.toLowerCase()) === undefined,
  );
}

function requireAction(action: string): string {
  if (/^[A-Za-z0-9.-]+:[A-Za-z0-9]+$/.test(action)) return action;
  throw invalidInput(`Invalid action: ${action}. Name one API operation with its service, such as iam:CreateUser.`);
}

/**
 * Who asks in a simulation: a user that a resource's policy can name, or somebody of an account.
 * @throws InvalidInput: no user's ARN; nobody for a resource's policy to name
 */
export function simulatedCaller(
  arn: string | undefined,
  account: string,
  resourcePolicy: SimulatedPolicy | undefined,
): Caller {
  if (arn === undefined) {
    if (resourcePolicy !== undefined) throw invalidInput("CallerArn is required when ResourcePolicy is specified.");
    return { kind: "user", account, names: { direct: [], issuer: [], account } };
  }
  const owner = /^arn:aws:iam::(\d{12}):user\/.+$/.exec(arn)?.[1];
  if (owner === undefined) throw invalidInput(`Invalid CallerArn: ${arn} is not the ARN of an IAM user.`);
  return { kind: "user", account: owner, names: { direct: [arn], issuer: [], account: owner } };
}
