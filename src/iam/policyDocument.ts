import { compilePolicy, type Policy, PolicyFault } from "../policy/document.ts";
import { duplicateMember } from "../policy/duplicateMember.ts";

/** A policy document that was read: compiled, or what is wrong with it in AWS's words. */
export type ParsedPolicy = { readonly policy: Policy } | { readonly fault: string };

type Json = Record<string, unknown>;

const SYNTAX = "Syntax errors in policy.";
const LEGACY = "The policy failed legacy parsing";

/**
 * Reads a policy of an identity, a boundary or a session. Each check runs over the whole document before the next one,
 * and the first that fails decides: reference/iam-sts.md §3.6, policy-language.md §1.1.
 */
export function parseIdentityPolicy(text: string, { managed }: { managed: boolean }): ParsedPolicy {
  const document = syntactical(text);
  if (document === undefined) return { fault: SYNTAX };
  const statements = [document.Statement].flat() as Json[];
  for (const check of [
    () => principalFault(statements),
    () => (managed ? versionFault(document) : undefined),
    () => effectFault(statements),
    () => sidFault(statements),
    () => missingFault(statements),
    () => first(statements, ({ Resource, NotResource }) => first(list(Resource ?? NotResource), resourceFault)),
    () => first(statements, ({ Action, NotAction }) => first(list(Action ?? NotAction), actionFault)),
  ]) {
    const fault = check();
    if (fault !== undefined) return { fault };
  }
  try {
    return { policy: compilePolicy(text, "identity") };
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    return { fault: error.kind === "value" ? LEGACY : SYNTAX };
  }
}

const DOCUMENT_MEMBERS = new Set(["Version", "Id", "Statement"]);
const STATEMENT_MEMBERS = new Set([
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

/** The document, when each thing in it is of its type; undefined otherwise. */
function syntactical(text: string): Json | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(document) || duplicateMember(text) !== undefined) return undefined;
  if (!Object.keys(document).every((name) => DOCUMENT_MEMBERS.has(name))) return undefined;
  const { Version, Id, Statement } = document;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") return undefined;
  if (Id !== undefined && typeof Id !== "string") return undefined;
  const statements = [Statement ?? []].flat();
  return statements.length > 0 && statements.every(isSyntacticalStatement) ? document : undefined;
}

function isSyntacticalStatement(statement: unknown): boolean {
  if (!isObject(statement)) return false;
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Condition } = statement;
  return (
    Object.keys(statement).every((name) => STATEMENT_MEMBERS.has(name)) &&
    (Sid === undefined || typeof Sid === "string") &&
    typeof Effect === "string" &&
    /^(?:allow|deny)$/i.test(Effect) &&
    [Action, NotAction, Resource, NotResource].every(isStrings) &&
    (Action === undefined || NotAction === undefined) &&
    (Resource === undefined || NotResource === undefined) &&
    (Condition === undefined || isConditions(Condition))
  );
}

function isConditions(conditions: unknown): boolean {
  return (
    isObject(conditions) &&
    Object.values(conditions).every(
      (keys) =>
        isObject(keys) &&
        Object.values(keys).every((values) =>
          [values].flat().every((value) => ["string", "number", "boolean"].includes(typeof value)),
        ),
    )
  );
}

function principalFault(statements: readonly Json[]): string | undefined {
  return statements.some((statement) => "Principal" in statement || "NotPrincipal" in statement)
    ? "Policy document should not specify a principal."
    : undefined;
}

function versionFault({ Version }: Json): string | undefined {
  return Version === "2012-10-17" ? undefined : "Policy document must be version 2012-10-17 or greater.";
}

function effectFault(statements: readonly Json[]): string | undefined {
  return statements.every(({ Effect }) => Effect === "Allow" || Effect === "Deny") ? undefined : LEGACY;
}

function sidFault(statements: readonly Json[]): string | undefined {
  const sids = statements.map(({ Sid }) => Sid as string | undefined).filter((sid) => sid !== undefined && sid !== "");
  if (!sids.every((sid) => /^[A-Za-z0-9]*$/.test(sid as string))) return "Statement IDs (SID) must be alpha-numeric";
  return new Set(sids).size < sids.length ? "Statement IDs (SID) in a single policy must be unique." : undefined;
}

function missingFault(statements: readonly Json[]): string | undefined {
  if (statements.some(({ Action, NotAction }) => list(Action ?? NotAction).length === 0))
    return "Policy statement must contain actions.";
  return statements.some(({ Resource, NotResource }) => list(Resource ?? NotResource).length === 0)
    ? "Policy statement must contain resources."
    : undefined;
}

const IAM_PATHS =
  "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/";

function resourceFault(resource: string): string | undefined {
  if (resource === "*") return undefined;
  if (!resource.includes(":")) return `Resource ${resource} must be in ARN format or "*".`;
  const parts = resource.split(":");
  const [, partition = "*", service, region, , ...rest] = parts;
  if (partition !== "aws") {
    const shown = [partition, service ?? "*", region ?? "*", parts[4] ?? "*", rest.join(":") || "*"].join(":");
    return `Partition "${partition}" is not valid for resource "arn:${shown}".`;
  }
  if (service === undefined) return "Resource vendor must be fully qualified and cannot contain regexes.";
  if (service === "" || (parts.length < 6 && resource.includes("::"))) return LEGACY;
  if (/[*?]/.test(service)) return "Resource vendor must be fully qualified and cannot contain regexes.";
  if (service !== "iam" || parts.length < 6) return undefined;
  if (region !== "" && region !== "*") return "IAM resource ARN cannot contain region information.";
  const path = rest.join(":");
  const known = path === "*" || path === "root" || IAM_PATHS.split(", ").some((start) => path.startsWith(start));
  return known || /^[*?]/.test(path)
    ? undefined
    : `IAM resource path must either be "*", root, or start with ${IAM_PATHS}.`;
}

function actionFault(action: string): string | undefined {
  if (action === "*") return undefined;
  const parts = action.split(":");
  if (parts.length === 1) return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  if (parts.length > 2) return "Actions/Condition can contain only one colon.";
  return /^[A-Za-z0-9.-]+$/.test(parts[0] as string) ? undefined : `Vendor ${parts[0]} is not valid`;
}

function first<T>(items: readonly T[], check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = check(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function list(values: unknown): string[] {
  return values === undefined ? [] : ([values].flat() as string[]);
}

function isStrings(value: unknown): boolean {
  return value === undefined || [value].flat().every((item) => typeof item === "string");
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
