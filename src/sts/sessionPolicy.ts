import { deflateRawSync } from "node:zlib";
import type { PolicyDescriptorType } from "@aws-sdk/client-sts";
import type { Tag } from "../iam/entity.ts";
import { malformedPolicy, validationError } from "../iam/errors.ts";
import { managedPolicy } from "../iam/managedPolicy.ts";
import type { Iam } from "../iam/operation.ts";
import { parseIdentityPolicy } from "../iam/policyDocument.ts";
import type { SessionClaims } from "../iam/session.ts";
import { packedPolicyTooLarge } from "./errors.ts";

export type SessionPolicies = Pick<SessionClaims, "policy" | "policyArns">;

export interface GivenPolicies {
  Policy?: string | undefined;
  PolicyArns?: readonly PolicyDescriptorType[] | undefined;
}

const MAX_ARNS = 10;
/** Characters, those of white space too. */
const MAX_PLAIN = 2048;
/** Bytes for the compressed policies and tags: a session's token, which goes along with each request, stays below 4,096 characters. */
const ALLOTTED = 2048;

/**
 * The session policies of a request.
 * @param account whose policies the ARNs may name, beside AWS's own
 * @throws ValidationError, MalformedPolicyDocument: reference/iam-sts.md §4.4
 */
export async function sessionPolicies(iam: Iam, account: string, given: GivenPolicies): Promise<SessionPolicies> {
  const { Policy: policy, PolicyArns } = given;
  const policyArns = [...new Set((PolicyArns ?? []).map(({ arn }) => arn ?? ""))];
  requireSize(policy, policyArns);
  if (policy !== undefined) requireGrammar(policy);
  for (const arn of policyArns) {
    if ((await managedPolicy(iam.store, account, arn)) !== undefined) continue;
    throw malformedPolicy(`Policy ${arn} does not exist or is not attachable.`);
  }
  return { ...(policy !== undefined && { policy }), ...(policyArns.length > 0 && { policyArns }) };
}

function requireGrammar(policy: string): void {
  const parsed = parseIdentityPolicy(policy, { managed: false });
  if ("fault" in parsed) throw malformedPolicy(parsed.fault);
}

function requireSize(policy: string | undefined, arns: readonly string[]): void {
  const violation = (value: string, member: string, limit: number) =>
    validationError(
      `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
    );
  if (arns.length > MAX_ARNS) throw violation(`[${arns.join(", ")}]`, "policyArns", MAX_ARNS);
  if (policy !== undefined && policy.length > MAX_PLAIN) throw violation(policy, "policy", MAX_PLAIN);
  const plain = (policy?.length ?? 0) + arns.join("").length;
  if (plain <= MAX_PLAIN) return;
  throw validationError(
    `The policy and the ARNs of policies together must not have more than ${MAX_PLAIN} characters.`,
  );
}

/**
 * How much of what is allotted to a session its policies and tags take, in percent; undefined when it has neither. The
 * measure is our own, AWS's is unpublished.
 * @throws PackedPolicyTooLarge
 */
export function packedPolicySize({ policy, policyArns }: SessionPolicies, tags: readonly Tag[]): number | undefined {
  if (policy === undefined && policyArns === undefined && tags.length === 0) return undefined;
  const pairs = tags.map(({ Key, Value }) => [Key, Value]);
  const packed = deflateRawSync(JSON.stringify([policy ?? "", policyArns ?? [], pairs]));
  const percent = Math.ceil((100 * packed.length) / ALLOTTED);
  if (percent > 100) throw packedPolicyTooLarge(percent);
  return percent;
}
