import { PolicyFault, type PolicyFaultKind, syntaxFault } from "./fault.ts";
import { resourceFault, unreadableResource } from "./resourceForm.ts";
import { type ElementSyntax, type PolicySyntax, readSyntax, type StatementSyntax } from "./syntax.ts";

/**
 * Where a policy stands decides its grammar: a resource's names principals, an identity's (and a boundary, and a
 * session's) does not, and a role's trust policy names no resources.
 */
export type PolicyKind = "resource" | "identity" | "trust";

export interface GrammarOptions {
  /**
   * A policy of an identity that is new, and whether it is to be a managed one. What is stored already is held against
   * less: it still counts if the rules for new ones have grown.
   */
  readonly submitted?: "managed" | "inline" | undefined;
}

/**
 * Reads a policy document and holds it against the grammar of its kind. Each check runs over the whole document before
 * the next one, and the first that fails decides: reference/iam-sts.md §3.6, policy-language.md §1.1.
 * @throws PolicyFault
 */
export function readPolicy(text: string, kind: PolicyKind, options: GrammarOptions = {}): PolicySyntax {
  const policy = readSyntax(text);
  for (const check of kind === "identity" && options.submitted !== undefined ? SUBMITTED : CHECKS[kind]) {
    const fault = check(policy, options);
    if (fault !== undefined) throw fault;
  }
  return policy;
}

type Check = (policy: PolicySyntax, options: GrammarOptions) => PolicyFault | undefined;

/** A check of one statement after the other. */
const each =
  (check: (statement: StatementSyntax) => PolicyFault | undefined): Check =>
  ({ statements }) =>
    firstOf(statements, check);

/** A check that statements pass or not. */
const must = (kind: PolicyFaultKind, message: string, holds: (statement: StatementSyntax) => boolean): Check =>
  each((statement) => (holds(statement) ? undefined : new PolicyFault(kind, message)));

const effectThere = must("effect", "a Statement has no Effect", ({ effect }) => effect !== undefined);
const effectInCase = must(
  "value",
  "an Effect is neither Allow nor Deny",
  ({ effect }) => effect === "Allow" || effect === "Deny",
);
const conditionValues = each(({ badValue }) =>
  badValue === undefined
    ? undefined
    : new PolicyFault("value", `${badValue} has a value that it cannot take`, badValue),
);
const resourceParts = each(({ resource }) => firstOf(valuesOf(resource), unreadableResource));
const resourceForms = each(({ resource }) => firstOf(valuesOf(resource), resourceFault));
const actionForms = each(({ action }) => firstOf(valuesOf(action), actionFault));
const actionThere = must("action", "a Statement has no Action", ({ action }) => valuesOf(action).length > 0);
const resourceThere = must("resource", "a Statement has no Resource", ({ resource }) => valuesOf(resource).length > 0);
/** A key's policy is not told more closely what is wrong with its actions and resources. */
const actionsValid = must("action", "a Statement has an Action that is none", ({ action }) =>
  valuesOf(action).every((text) => actionFault(text) === undefined),
);
const resourcesValid = must("resource", 'a Statement has a Resource that is no ARN and not "*"', ({ resource }) =>
  valuesOf(resource).every((text) => text === "*" || text.includes(":")),
);
const noResource = must("resource", "a trust policy names no Resource", ({ resource }) => resource === undefined);
const noPrincipal = must(
  "principal",
  "the policy of an identity names no principal",
  ({ principal }) => principal === undefined,
);
const noNotPrincipal = must("notPrincipal", "a trust policy has no NotPrincipal", ({ principal }) => !principal?.not);
const principalThere = must("principal", "a Statement has no Principal", ({ principal }) => {
  const lists = Object.values(principal?.entries ?? {});
  return principal?.bare !== undefined || (lists.length > 0 && lists.every((list) => list.length > 0));
});
const principalForm = each(({ principal }) =>
  principal?.bare === undefined || principal.bare === "*"
    ? undefined
    : syntaxFault(`a Principal is "${principal.bare}", which is no kind of principal`),
);
const sidCharacters = must("sid", "a Sid has characters other than letters and digits", ({ sid }) =>
  /^[A-Za-z0-9]*$/.test(sid),
);
const sidsUnique: Check = ({ statements }) => {
  const sids = statements.map(({ sid }) => sid).filter((sid) => sid !== "");
  return new Set(sids).size < sids.length ? new PolicyFault("sidTwice", "a Sid is given twice") : undefined;
};
const presentVersion: Check = ({ version }, { submitted }) =>
  submitted === "managed" && version !== "2012-10-17"
    ? new PolicyFault("version", "Version is not 2012-10-17")
    : undefined;

const SUBMITTED: readonly Check[] = [
  effectThere,
  noPrincipal,
  presentVersion,
  effectInCase,
  conditionValues,
  resourceParts,
  sidCharacters,
  sidsUnique,
  actionThere,
  resourceThere,
  resourceForms,
  actionForms,
];

const CHECKS: { readonly [kind in PolicyKind]: readonly Check[] } = {
  identity: [effectThere, noPrincipal, effectInCase, conditionValues, actionThere, resourceThere],
  resource: [
    effectThere,
    effectInCase,
    principalForm,
    conditionValues,
    principalThere,
    actionThere,
    resourceThere,
    actionsValid,
    resourcesValid,
  ],
  trust: [
    noResource,
    noNotPrincipal,
    principalThere,
    actionThere,
    effectThere,
    effectInCase,
    conditionValues,
    sidCharacters,
    sidsUnique,
  ],
};

function actionFault(action: string): PolicyFault | undefined {
  if (action === "*") return undefined;
  const [vendor = "", ...names] = action.split(":");
  if (names.length === 0) return new PolicyFault("actionForm", `${action} is no action`, action);
  if (names.length > 1) return new PolicyFault("actionColons", `${action} is no action`, action);
  return /^[A-Za-z0-9.-]+$/.test(vendor)
    ? undefined
    : new PolicyFault("actionVendor", `"${vendor}" is no service`, vendor);
}

function valuesOf(element: ElementSyntax | undefined): readonly string[] {
  return element?.values ?? [];
}

function firstOf<Item>(
  items: readonly Item[],
  check: (item: Item) => PolicyFault | undefined,
): PolicyFault | undefined {
  for (const item of items) {
    const fault = check(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
