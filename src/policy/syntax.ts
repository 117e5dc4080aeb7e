import { type Condition, compileCondition } from "./conditions.ts";
import { duplicateMember } from "./duplicateMember.ts";
import { PolicyFault, syntaxFault as syntax } from "./fault.ts";

/** A policy document of which every element is known and of its type; what it says may still be wrong. */
export interface PolicySyntax {
  readonly version: string | undefined;
  readonly statements: readonly StatementSyntax[];
}

export interface StatementSyntax {
  readonly sid: string;
  /** Allow or Deny, in any case; undefined when there is none */
  readonly effect: string | undefined;
  readonly principal: PrincipalSyntax | undefined;
  readonly action: ElementSyntax | undefined;
  readonly resource: ElementSyntax | undefined;
  /** whether there is a Condition, be it empty */
  readonly conditional: boolean;
  readonly conditions: readonly Condition[];
  /** a value in Condition that its operator cannot take */
  readonly badValue: string | undefined;
}

/** Action or NotAction, Resource or NotResource. */
export interface ElementSyntax {
  readonly not: boolean;
  readonly values: readonly string[];
}

/** Principal or NotPrincipal: a bare string, or lists by the kind of principal. */
export interface PrincipalSyntax {
  readonly not: boolean;
  readonly bare: string | undefined;
  readonly entries: Readonly<Partial<Record<PrincipalType, readonly string[]>>>;
}

const PRINCIPAL_TYPES = ["AWS", "Service", "Federated", "CanonicalUser"] as const;
export type PrincipalType = (typeof PRINCIPAL_TYPES)[number];

type Json = Record<string, unknown>;

const VERSIONS: readonly unknown[] = [undefined, "2008-10-17", "2012-10-17"];
const DOCUMENT_ELEMENTS = new Set(["Version", "Id", "Statement"]);
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

/** Reads a policy document. @throws PolicyFault: json, syntax. Source: IAM User Guide, "Grammar of the IAM JSON policy language" */
export function readSyntax(text: string): PolicySyntax {
  const document = object(parseJson(text), "the policy");
  const twice = duplicateMember(text);
  if (twice !== undefined) throw syntax(`${twice} is given twice`);
  onlyKnown(document, DOCUMENT_ELEMENTS, "the policy");
  const { Version, Id, Statement } = document;
  if (!VERSIONS.includes(Version)) throw syntax("Version is neither 2012-10-17 nor 2008-10-17");
  if (Id !== undefined && typeof Id !== "string") throw syntax("Id is no string");
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  if (Statement === undefined || statements.length === 0) throw syntax("there is no Statement");
  const variables = Version === "2012-10-17";
  return {
    version: Version as string | undefined,
    statements: statements.map((statement, i) => readStatement(object(statement, `Statement ${i + 1}`), variables)),
  };
}

function readStatement(statement: Json, variables: boolean): StatementSyntax {
  onlyKnown(statement, STATEMENT_ELEMENTS, "a Statement");
  const { Sid = "", Effect, Condition = {} } = statement;
  if (typeof Sid !== "string") throw syntax("a Sid is no string");
  if (Effect !== undefined && !(typeof Effect === "string" && /^(?:allow|deny)$/i.test(Effect))) {
    throw syntax("an Effect is neither Allow nor Deny");
  }
  return {
    sid: Sid,
    effect: Effect,
    principal: oneOf(statement, "Principal", "NotPrincipal", readPrincipal),
    action: oneOf(statement, "Action", "NotAction", readValues),
    resource: oneOf(statement, "Resource", "NotResource", readValues),
    conditional: "Condition" in statement,
    ...readConditions(Condition, variables),
  };
}

function readPrincipal(given: unknown): Omit<PrincipalSyntax, "not"> {
  if (typeof given === "string") return { bare: given, entries: {} };
  const entries = Object.entries(object(given, "a Principal")).map(([type, values]) => {
    if (!PRINCIPAL_TYPES.some((known) => known === type)) throw syntax(`${type} is no kind of principal`);
    return [type, strings(values, "a Principal")];
  });
  return { bare: undefined, entries: Object.fromEntries(entries) };
}

function readValues(given: unknown, name: string): Omit<ElementSyntax, "not"> {
  return { values: strings(given, name) };
}

function readConditions(given: unknown, variables: boolean): Pick<StatementSyntax, "conditions" | "badValue"> {
  const conditions: Condition[] = [];
  let badValue: string | undefined;
  for (const [operator, keys] of Object.entries(object(given, "Condition"))) {
    for (const [key, values] of Object.entries(object(keys, operator))) {
      const condition = compileCondition(operator, key, scalars(values), variables);
      if (typeof condition === "object") conditions.push(condition);
      else if (condition === "value") badValue ??= `${operator} of ${key}`;
      else throw syntax(condition === "operator" ? `${operator} is no operator` : `${key} is compared with no Base64`);
    }
  }
  return { conditions, badValue };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PolicyFault("json", "it is not JSON");
  }
}

function oneOf<Value>(
  statement: Json,
  name: string,
  notName: string,
  read: (given: unknown, name: string) => Value,
): (Value & { not: boolean }) | undefined {
  const { [name]: given, [notName]: notGiven } = statement;
  if (given !== undefined && notGiven !== undefined) throw syntax(`${name} and ${notName} exclude each other`);
  if (given !== undefined) return { not: false, ...read(given, name) };
  return notGiven === undefined ? undefined : { not: true, ...read(notGiven, notName) };
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
