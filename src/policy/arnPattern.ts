import type { RequestContext } from "./context.ts";
import { compilePattern, type Pattern } from "./pattern.ts";

/** An ARN's six parts; the last keeps its colons. undefined for what is no ARN. */
export function arnParts(arn: string): string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < 5; i++) {
    const colon = arn.indexOf(":", from);
    if (colon < 0) return undefined;
    parts.push(arn.slice(from, colon));
    from = colon + 1;
  }
  parts.push(arn.slice(from));
  return parts;
}

/** An ARN pattern's parts, six at most; a colon within a variable is the variable's: `arn:aws:iam::${aws:PrincipalAccount}:root`. */
export function patternParts(text: string): string[] {
  const parts: string[] = [""];
  for (const piece of text.match(/\$\{[^}]*\}|./gsu) ?? []) {
    if (piece === ":" && parts.length < 6) parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}

/**
 * A pattern for ARNs: each of the six parts matches by itself, so that no wildcard reaches over one of the first five
 * colons. Variables stand in the last part alone where `variables` is "resource", anywhere where it is "everywhere".
 * Parts that are missing are `*`.
 */
export function compileArnPattern(text: string, variables: "none" | "resource" | "everywhere"): Pattern {
  if (text === "*") return { matches: () => true };
  const given = variables === "everywhere" ? patternParts(text) : (arnParts(text) ?? text.split(":"));
  const patterns = Array.from({ length: 6 }, (_, i) =>
    compilePattern(given[i] ?? "*", {
      wildcards: true,
      variables: variables === "everywhere" || (variables === "resource" && i === 5),
    }),
  );
  return {
    matches(arn: string, context: RequestContext): boolean {
      const parts = arnParts(arn);
      return parts?.every((part, i) => (patterns[i] as Pattern).matches(part, context)) ?? false;
    },
  };
}
