import type { PolicyIdentifier } from "@aws-sdk/client-iam";
import { compilePattern } from "../policy/pattern.ts";
import { invalidInput } from "./errors.ts";
import type { SimulatedPolicy, SimulatedPrincipal } from "./simulatedPolicy.ts";

/** A managed policy's ARN; wildcards stand after its path's beginning only. */
const ARN = /^arn:aws:iam::(?:\d{12}|aws):policy\/[\w+=,.@/*?-]+$/;
const EVERYTHING = { get: () => undefined };

type Excludes = (policy: SimulatedPolicy, as: "policy" | "boundary") => boolean;

/**
 * What is left of a principal's policies without those of PolicyExclusionList; identifiers that match none do not matter.
 * @throws InvalidInput: an identifier that says nothing, or more than one thing
 */
export function withoutExcluded(
  { entity, policies, boundary }: SimulatedPrincipal,
  identifiers: readonly PolicyIdentifier[] | undefined,
): SimulatedPrincipal {
  const exclusions = (identifiers ?? []).map(exclusion);
  const stays: Excludes = (policy, as) => !exclusions.some((excludes) => excludes(policy, as));
  return {
    entity,
    policies: policies.filter((policy) => stays(policy, "policy")),
    boundary: boundary !== undefined && stays(boundary, "boundary") ? boundary : undefined,
  };
}

function exclusion(identifier: PolicyIdentifier): Excludes {
  const { PolicyType, PolicyArn, InlinePolicyIdentifier } = identifier;
  if ([PolicyType, PolicyArn, InlinePolicyIdentifier].filter((given) => given !== undefined).length !== 1) {
    throw invalidInput(
      "A policy identifier must specify exactly one of PolicyType, PolicyArn, InlinePolicyIdentifier.",
    );
  }
  if (PolicyType !== undefined) return (policy, as) => typeOf(policy, as) === PolicyType;
  if (PolicyArn !== undefined) {
    if (!ARN.test(PolicyArn)) throw invalidInput(`ARN ${PolicyArn} is not valid.`);
    const matches = wildcard(PolicyArn);
    return ({ arn }, as) => as === "policy" && arn !== undefined && matches(arn);
  }
  const { PolicyName, AttachmentType, AttachmentName = "" } = InlinePolicyIdentifier ?? {};
  const matches = wildcard(AttachmentName);
  return ({ inline }) =>
    inline !== undefined && inline.name === PolicyName && inline.kind === AttachmentType && matches(inline.holder);
}

/** As PolicyType names it. */
function typeOf({ arn }: SimulatedPolicy, as: "policy" | "boundary"): PolicyIdentifier["PolicyType"] {
  if (as === "boundary") return "permission-boundary";
  if (arn === undefined) return "inline";
  return arn.startsWith("arn:aws:iam::aws:") ? "aws-managed" : "user-managed";
}

/** One `*` at most, any number of `?`. */
function wildcard(pattern: string): (text: string) => boolean {
  if (pattern.indexOf("*") !== pattern.lastIndexOf("*")) throw invalidInput(`${pattern} has more than one wildcard *.`);
  const compiled = compilePattern(pattern, { wildcards: true, variables: false });
  return (text) => compiled.matches(text, EVERYTHING);
}
