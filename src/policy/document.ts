import { type GrammarOptions, type PolicyKind, readPolicy } from "./grammar.ts";
import { PrincipalList } from "./principal.ts";
import { compileActions, compileResources, type Statement } from "./statement.ts";
import type { ElementSyntax, PolicySyntax, PrincipalSyntax, StatementSyntax } from "./syntax.ts";

export { PolicyFault } from "./fault.ts";
export type { PolicyKind } from "./grammar.ts";

/** A policy, compiled: parsed once, evaluated many times. */
export interface Policy {
  readonly statements: readonly Statement[];
  /** of a managed policy */
  readonly arn?: string;
}

export interface CompileOptions extends GrammarOptions {
  /** What an AWS principal of the document stands for: the unique id of a user or role, where it is kept beside it. */
  readonly principal?: (entry: string) => string;
}

/** Parses and compiles a policy document. @throws PolicyFault */
export function compilePolicy(text: string, kind: PolicyKind, options: CompileOptions = {}): Policy {
  return compileSyntax(readPolicy(text, kind, options), kind, options);
}

/** Compiles what {@link readPolicy} has read. */
export function compileSyntax(policy: PolicySyntax, kind: PolicyKind, { principal }: CompileOptions = {}): Policy {
  const variables = policy.version === "2012-10-17";
  return {
    statements: policy.statements.map((statement) => compileStatement(statement, kind, variables, principal)),
  };
}

/** A trust policy is about the role that has it. */
const THE_ROLE: ElementSyntax = { not: false, values: ["*"] };

function compileStatement(
  statement: StatementSyntax,
  kind: PolicyKind,
  variables: boolean,
  rename: CompileOptions["principal"],
): Statement {
  const { sid, effect, principal, action, conditions } = statement;
  const resource = kind === "trust" ? THE_ROLE : (statement.resource as ElementSyntax);
  return {
    sid: sid === "" ? undefined : sid,
    effect: effect as Statement["effect"],
    principals: principal && { not: principal.not, list: compilePrincipals(principal, rename) },
    actions: compileActions((action as ElementSyntax).values, (action as ElementSyntax).not),
    resources: compileResources(resource.values, resource.not, variables, kind === "resource"),
    conditions,
  };
}

function compilePrincipals({ bare, entries }: PrincipalSyntax, rename: CompileOptions["principal"]): PrincipalList {
  const { AWS: aws = [], Service: services = [], Federated: providers = [] } = entries;
  return new PrincipalList(rename === undefined ? aws : aws.map(rename), {
    everyone: bare === "*",
    services,
    providers,
  });
}
