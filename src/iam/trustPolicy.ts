import { compileSyntax, type Policy, PolicyFault } from "../policy/document.ts";
import type { PolicyFaultKind } from "../policy/fault.ts";
import { readPolicy } from "../policy/grammar.ts";
import { isAwsPrincipal } from "../policy/principalForm.ts";
import { compileActions } from "../policy/statement.ts";
import type { StatementSyntax } from "../policy/syntax.ts";
import { policyFaultText } from "./policyDocument.ts";

/** A trust policy that was read, with the AWS principals that it names: they must exist. Or what is wrong with it in AWS's words. */
export type ParsedTrustPolicy =
  | { readonly policy: Policy; readonly principals: readonly string[] }
  | { readonly fault: string };

/** Reads a role's trust policy: reference/policy-language.md §1.1, §1.2. */
export function parseTrustPolicy(text: string): ParsedTrustPolicy {
  try {
    const syntax = readPolicy(text, "trust");
    for (const check of [actionsFault, principalsFault, cognitoFault]) {
      for (const statement of syntax.statements) {
        const fault = check(statement);
        if (fault !== undefined) return { fault };
      }
    }
    const principals = syntax.statements.flatMap(({ principal }) => principal?.entries.AWS ?? []);
    return { policy: compileSyntax(syntax, "trust"), principals: [...new Set(principals)] };
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    return { fault: TEXTS[error.kind] ?? policyFaultText(error) };
  }
}

/** The text for a principal that does not exist, or is of no form that a trust policy takes. */
export function invalidPrincipal(principal: string, type = "AWS"): string {
  return `Invalid principal in policy: "${type}":"${principal}"`;
}

/** Where they differ from those for other policies. */
const TEXTS: { readonly [kind in PolicyFaultKind]?: string } = {
  json: "This policy contains invalid Json",
  resource: "Has prohibited field Resource",
  notPrincipal: "AssumeRole policy must not contain NotPrincipal field.",
  principal: "Missing required field Principal",
  action: "Missing required field Action",
  effect: "Missing required field Effect",
  sidTwice: "The Statement Ids in the policy are not unique",
};

/** What a trust policy may allow or deny, in lower case as actions are compared. */
const ACTIONS = [
  "sts:assumerole",
  "sts:assumerolewithwebidentity",
  "sts:assumerolewithsaml",
  "sts:tagsession",
  "sts:setsourceidentity",
  "sts:setcontext",
];

function actionsFault({ action }: StatementSyntax): string | undefined {
  const { not = true, values = [] } = action ?? {};
  const context = { get: () => undefined };
  const known = (pattern: string) => {
    const { matches } = compileActions([pattern], false);
    return pattern !== "*" && ACTIONS.some((name) => matches(name, context));
  };
  return not || !values.every(known) ? "AssumeRole policy may only specify STS AssumeRole actions." : undefined;
}

const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/;
const PROVIDER = /^(?:arn:aws:iam::\d{12}:(?:oidc-provider|saml-provider)\/.+|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/;

const PRINCIPAL = "AssumeRolepolicy contained an invalid principal";

function principalsFault({ principal }: StatementSyntax): string | undefined {
  const { bare, entries = {} } = principal ?? {};
  if (bare !== undefined || entries.CanonicalUser !== undefined) return PRINCIPAL;
  const { AWS: aws = [], Service: services = [], Federated: providers = [] } = entries;
  const nobody = aws.find((name) => !isAwsPrincipal(name));
  if (nobody !== undefined) return invalidPrincipal(nobody);
  const noService = services.find((name) => !SERVICE.test(name));
  if (noService !== undefined) return invalidPrincipal(noService, "SERVICE");
  return providers.every((name) => PROVIDER.test(name))
    ? undefined
    : "Federated principals must be valid domain names or SAML metadata ARNs";
}

/** Anybody can have a token of Cognito's: who is meant stands in the condition. */
function cognitoFault({ principal, conditional }: StatementSyntax): string | undefined {
  return principal?.entries.Federated?.includes("cognito-identity.amazonaws.com") && !conditional
    ? "A condition block must be present for the Cognito provider"
    : undefined;
}
