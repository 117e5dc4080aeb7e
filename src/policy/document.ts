import { type Condition, compileCondition } from "./conditions.ts";
import { duplicateMember } from "./duplicateMember.ts";
import { PrincipalList } from "./principal.ts";
import { compileActions, compileResources, type Statement } from "./statement.ts";

/** A policy, compiled: parsed once, evaluated many times. */
export interface Policy {
  readonly statements: readonly Statement[];
  /** of a managed policy */
  readonly arn?: string;
}

/** What is wrong with a policy document. Each policy's keeper puts it in the words of its service. */
export class PolicyFault extends Error {
  override readonly name = "PolicyFault";
  readonly kind: "syntax" | "value" | "principal" | "action" | "resource" | "sid";

  constructor(kind: PolicyFault["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Where a policy stands decides its grammar: a resource's names principals, an identity's (and a boundary, and a
 * session's) does not, and a role's trust policy names no resources.
 */
export type PolicyKind = "resource" | "identity" | "trust";

export interface CompileOptions {
  /** What an AWS principal of the document stands for: the unique id of a user or role, where it is kept beside it. */
  readonly principal?: (entry: string) => string;
}

type Json = Record<string, unknown>;

const VERSIONS = ["2012-10-17", "2008-10-17"];
const STATEMENT_ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** Parses and compiles a policy document. @throws PolicyFault. Source: IAM User Guide, "Grammar of the IAM JSON policy language" */
export function compilePolicy(text: string, kind: PolicyKind, options: CompileOptions = {}): Policy {
  const document = parseJson(text);
  onlyKnown(document, new Set(["Version", "Id", "Statement"]), "the policy");
  const { Version = "2008-10-17", Id } = document;
  if (!VERSIONS.includes(Version as string)) throw syntax("Version is neither 2012-10-17 nor 2008-10-17");
  if (Id !== undefined && typeof Id !== "string") throw syntax("Id is no string");
  const statements = [document.Statement ?? []].flat();
  if (statements.length === 0) throw syntax("there is no Statement");
  const variables = Version === "2012-10-17";
  const compiled = statements.map((statement, i) =>
    compileStatement(object(statement, `Statement ${i + 1}`), kind, variables, options),
  );
  if (kind === "identity") uniqueSids(compiled);
  return { statements: compiled };
}

function compileStatement(statement: Json, kind: PolicyKind, variables: boolean, options: CompileOptions): Statement {
  onlyKnown(statement, STATEMENT_ELEMENTS, "a Statement");
  const { Sid, Effect } = statement;
  if (Sid !== undefined && typeof Sid !== "string") throw syntax("a Sid is no string");
  if (kind === "identity" && Sid !== undefined && !/^[A-Za-z0-9]*$/.test(Sid)) {
    throw new PolicyFault("sid", "a Sid has characters other than letters and digits");
  }
  if (Effect !== "Allow" && Effect !== "Deny") throw syntax("an Effect is neither Allow nor Deny");
  const action = oneOf(statement, "Action", "NotAction");
  const resource = kind === "trust" ? theRole(statement) : oneOf(statement, "Resource", "NotResource");
  const conditions = compileConditions(statement.Condition, variables);
  const principals = compilePrincipals(statement, kind, options);
  if (action === undefined || action.values.length === 0) throw new PolicyFault("action", "a Statement has no Action");
  if (resource === undefined || resource.values.length === 0) {
    throw new PolicyFault("resource", "a Statement has no Resource");
  }
  for (const text of action.values) {
    if (text !== "*" && !/^[A-Za-z0-9.-]+:[^:]*$/.test(text)) throw new PolicyFault("action", `${text} is no action`);
  }
  for (const text of resource.values) {
    if (text !== "*" && !text.includes(":")) throw new PolicyFault("resource", `${text} is no ARN and not "*"`);
  }
  return {
    sid: Sid === "" ? undefined : (Sid as string | undefined),
    effect: Effect,
    principals,
    actions: compileActions(action.values, action.not),
    resources: compileResources(resource.values, resource.not, variables),
    conditions,
  };
}

/** A trust policy is about the role that has it. */
function theRole({ Resource, NotResource }: Json): { not: boolean; values: string[] } {
  if (Resource === undefined && NotResource === undefined) return { not: false, values: ["*"] };
  throw new PolicyFault("resource", "a trust policy names no Resource");
}

function compilePrincipals(statement: Json, kind: PolicyKind, options: CompileOptions): Statement["principals"] {
  const { Principal, NotPrincipal } = statement;
  if (Principal !== undefined && NotPrincipal !== undefined)
    throw syntax("Principal and NotPrincipal exclude each other");
  const given = Principal ?? NotPrincipal;
  if (kind === "identity") {
    if (given !== undefined) throw new PolicyFault("principal", "the policy of an identity names no principal");
    return undefined;
  }
  if (given === undefined) throw new PolicyFault("principal", "a Statement has no Principal");
  if (kind === "trust" && NotPrincipal !== undefined) {
    throw new PolicyFault("principal", "a trust policy has no NotPrincipal");
  }
  const { aws, others } = principalEntries(given);
  return { not: Principal === undefined, list: new PrincipalList(aws.map(options.principal ?? same), others) };
}

const same = (entry: string) => entry;

/** `others` are services and providers: what looks like an account or a wildcard there is neither. */
function principalEntries(given: unknown): { aws: string[]; others: string[] } {
  if (given === "*") return { aws: ["*"], others: [] };
  const entries = Object.entries(object(given, "a Principal"));
  if (entries.length === 0) throw new PolicyFault("principal", "a Principal is empty");
  const aws: string[] = [];
  const others: string[] = [];
  for (const [type, values] of entries) {
    if (!["AWS", "Service", "Federated", "CanonicalUser"].includes(type))
      throw syntax(`${type} is no kind of principal`);
    const list = strings(values, "a Principal");
    if (list.length === 0) throw new PolicyFault("principal", "a Principal is empty");
    (type === "AWS" ? aws : others).push(...list);
  }
  return { aws, others };
}

function compileConditions(given: unknown, variables: boolean): Condition[] {
  if (given === undefined) return [];
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(object(given, "a Condition"))) {
    for (const [key, values] of Object.entries(object(keys, operator))) {
      const condition = compileCondition(operator, key, scalars(values), variables);
      if (condition === "operator") throw syntax(`${operator} is no condition operator`);
      if (condition === "value") throw new PolicyFault("value", `${operator} cannot take the value of ${key}`);
      conditions.push(condition);
    }
  }
  return conditions;
}

function parseJson(text: string): Json {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw syntax("it is not JSON");
  }
  const twice = duplicateMember(text);
  if (twice !== undefined) throw syntax(`${twice} is given twice`);
  return object(document, "the policy");
}

function uniqueSids(statements: readonly Statement[]): void {
  const sids = statements.flatMap(({ sid }) => sid ?? []);
  if (new Set(sids).size < sids.length) throw new PolicyFault("sid", "a Sid is given twice");
}

function oneOf(statement: Json, name: string, notName: string): { not: boolean; values: string[] } | undefined {
  const { [name]: values, [notName]: notValues } = statement;
  if (values !== undefined && notValues !== undefined) throw syntax(`${name} and ${notName} exclude each other`);
  if (values !== undefined) return { not: false, values: strings(values, name) };
  return notValues === undefined ? undefined : { not: true, values: strings(notValues, notName) };
}

function strings(given: unknown, name: string): string[] {
  const list = Array.isArray(given) ? given : [given];
  if (!list.every((item) => typeof item === "string")) throw syntax(`${name} holds something other than strings`);
  return list;
}

/** Condition values: numbers and booleans stand for their texts. */
function scalars(given: unknown): string[] {
  return (Array.isArray(given) ? given : [given]).map((item) => {
    if (typeof item !== "string" && typeof item !== "number" && typeof item !== "boolean") {
      throw syntax("a condition value is no string, number or boolean");
    }
    return String(item);
  });
}

function onlyKnown(given: Json, known: ReadonlySet<string>, name: string): void {
  for (const element of Object.keys(given)) {
    if (!known.has(element)) throw syntax(`${name} has an unknown element: ${element}`);
  }
}

function object(given: unknown, name: string): Json {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw syntax(`${name} is no object`);
  return given as Json;
}

function syntax(message: string): PolicyFault {
  return new PolicyFault("syntax", message);
}
