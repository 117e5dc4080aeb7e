import { compilePolicy, type Policy, PolicyFault } from "../policy/document.ts";
import type { PolicyFaultKind } from "../policy/fault.ts";
import { IAM_PATHS } from "../policy/resourceForm.ts";

/** A policy document that was read: compiled, or what is wrong with it in AWS's words. */
export type ParsedPolicy = { readonly policy: Policy } | { readonly fault: string };

/**
 * Reads a policy of an identity, a boundary or a session.
 * @param managed it is to be a managed policy, which has to be of the present version
 */
export function parseIdentityPolicy(text: string, { managed }: { managed: boolean }): ParsedPolicy {
  try {
    return { policy: compilePolicy(text, "identity", { submitted: managed ? "managed" : "inline" }) };
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    return { fault: policyFaultText(error) };
  }
}

/** A fault as IAM tells it: reference/iam-sts.md §3.6, policy-language.md §1.1. */
export function policyFaultText({ kind, subject }: PolicyFault): string {
  const text = TEXTS[kind] ?? SYNTAX;
  return typeof text === "string" ? text : text(subject);
}

const SYNTAX = "Syntax errors in policy.";

const TEXTS: { readonly [kind in PolicyFaultKind]?: string | ((subject: string) => string) } = {
  principal: "Policy document should not specify a principal.",
  version: "Policy document must be version 2012-10-17 or greater.",
  value: "The policy failed legacy parsing",
  sid: "Statement IDs (SID) must be alpha-numeric",
  sidTwice: "Statement IDs (SID) in a single policy must be unique.",
  action: "Policy statement must contain actions.",
  resource: "Policy statement must contain resources.",
  resourceForm: (resource) => `Resource ${resource} must be in ARN format or "*".`,
  resourcePartition: foreignPartition,
  resourceVendor: "Resource vendor must be fully qualified and cannot contain regexes.",
  resourceRegion: (resource) =>
    resource.split(":")[2] === "iam"
      ? `IAM resource ${resource} cannot contain region information.`
      : `Resource ${resource} can not contain region information.`,
  resourcePath: `IAM resource path must either be "*", root, or start with ${IAM_PATHS.join(", ")}.`,
  actionForm: "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
  actionColons: "Actions/Condition can contain only one colon.",
  actionVendor: (vendor) => `Vendor ${vendor} is not valid`,
};

/** Shows a resource as an ARN, whatever its first word, with `*` for what it lacks. */
function foreignPartition(resource: string): string {
  const [, partition, ...given] = resource.split(":");
  const parts = given.length === 1 && given[0] === "" ? [] : given;
  const shown = [0, 1, 2].map((i) => parts[i] ?? "*").join(":");
  const rest = parts.length > 3 ? parts.slice(3).join(":") : "*";
  return `Partition "${partition}" is not valid for resource "arn:${partition}:${shown}:${rest}".`;
}
