import { compilePolicy, type Policy, PolicyFault } from "../policy/document.ts";

/** A trust policy that was read, with the AWS principals that it names: they must exist. Or what is wrong with it in AWS's words. */
export type ParsedTrustPolicy =
  | { readonly policy: Policy; readonly principals: readonly string[] }
  | { readonly fault: string };

type Json = Record<string, unknown>;

const ACTIONS =
  /^sts:(?:\*|AssumeRole(?:WithWebIdentity|WithSAML)?|TagSession|SetSourceIdentity|SetContext|(?:Assume|Tag|Set)[A-Za-z?]*\*)$/i;
const AWS_PRINCIPAL =
  /^(?:\*|\d{12}|A(?:IDA|ROA)[A-Z2-7]{17}|arn:aws:iam::\d{12}:(?:root|(?:user|role)\/[\w+=,.@/-]+)|arn:aws:sts::\d{12}:(?:assumed-role|federated-user)\/[\w+=,.@/-]+)$/;
const PROVIDER = /^(?:arn:aws:iam::\d{12}:(?:oidc-provider|saml-provider)\/.+|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/;

/** Reads a role's trust policy: reference/policy-language.md §1.1, §1.2. */
export function parseTrustPolicy(text: string): ParsedTrustPolicy {
  let document: { Statement?: unknown };
  try {
    document = JSON.parse(text);
  } catch {
    return { fault: "This policy contains invalid Json" };
  }
  const statements = [document?.Statement ?? []].flat() as Json[];
  const principals: string[] = [];
  for (const statement of statements) {
    if (typeof statement !== "object" || statement === null) return { fault: "Syntax errors in policy." };
    const fault = statementFault(statement) ?? principalsFault(statement.Principal, principals);
    if (fault !== undefined) return { fault };
  }
  try {
    return { policy: compilePolicy(text, "trust"), principals };
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    return { fault: error.kind === "value" ? "The policy failed legacy parsing" : "Syntax errors in policy." };
  }
}

/** The text for an AWS principal that does not exist. */
export function invalidPrincipal(principal: string, type = "AWS"): string {
  return `Invalid principal in policy: "${type}":"${principal}"`;
}

function statementFault(statement: Json): string | undefined {
  if ("Resource" in statement || "NotResource" in statement) return "Has prohibited field Resource";
  if ("NotPrincipal" in statement) return "AssumeRole policy must not contain NotPrincipal field.";
  if (!("Principal" in statement)) return "Missing required field Principal";
  if (!("Action" in statement) && !("NotAction" in statement)) return "Missing required field Action";
  if (!("Effect" in statement)) return "Missing required field Effect";
  const actions = [statement.Action ?? statement.NotAction].flat();
  return "NotAction" in statement || !actions.every((action) => typeof action === "string" && ACTIONS.test(action))
    ? "AssumeRole policy may only specify STS AssumeRole actions."
    : undefined;
}

function principalsFault(given: unknown, aws: string[]): string | undefined {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return "AssumeRolepolicy contained an invalid principal";
  }
  for (const [type, values] of Object.entries(given)) {
    for (const value of [values].flat()) {
      const shown = String(value);
      if (type === "AWS") {
        if (!AWS_PRINCIPAL.test(shown)) return invalidPrincipal(shown);
        aws.push(shown);
      } else if (type === "Service") {
        if (!/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/.test(shown))
          return invalidPrincipal(shown, "SERVICE");
      } else if (type === "Federated") {
        if (!PROVIDER.test(shown)) return "Federated principals must be valid domain names or SAML metadata ARNs";
      } else {
        return "AssumeRolepolicy contained an invalid principal";
      }
    }
  }
  return undefined;
}
