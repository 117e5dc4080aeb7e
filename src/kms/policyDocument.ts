import { LimitExceededException, MalformedPolicyDocumentException, NotFoundException } from "./errors.ts";

/** A key has one policy, and this is its name. */
export const POLICY_NAME = "default";

/** @throws NotFoundException for every name but the one */
export function requirePolicyName(name: string = POLICY_NAME): void {
  if (name !== POLICY_NAME) throw new NotFoundException("No such policy exists");
}

/** Published quota of a key policy, in bytes: reference/kms-semantics.md §9.2. */
const MAX_BYTES = 32_768;

/** The key policy that CreateKey gives a key without one. */
export function defaultKeyPolicy(account: string): string {
  return printPolicy({
    Version: "2012-10-17",
    Id: "key-default-1",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: "kms:*",
        Resource: "*",
      },
    ],
  });
}

/** The policy of an AWS managed key: use through the service alone, metadata for the account. */
export function awsManagedKeyPolicy(account: string, region: string, service: string): string {
  return printPolicy({
    Version: "2012-10-17",
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized to use ${service}`,
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [
          "kms:Encrypt",
          "kms:Decrypt",
          "kms:ReEncrypt*",
          "kms:GenerateDataKey*",
          "kms:CreateGrant",
          "kms:DescribeKey",
        ],
        Resource: "*",
        Condition: {
          StringEquals: { "kms:CallerAccount": account, "kms:ViaService": `${service}.${region}.amazonaws.com` },
        },
      },
      {
        Sid: "Allow direct access to key metadata to the account",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        Resource: "*",
      },
    ],
  });
}

/**
 * Checks that a text is a policy document in form and returns it as GetKeyPolicy prints it.
 * @throws MalformedPolicyDocumentException, LimitExceededException
 */
export function parseKeyPolicy(text: string): string {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new LimitExceededException(`The key policy is longer than ${MAX_BYTES} bytes.`);
  }
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw new MalformedPolicyDocumentException("The policy is not valid JSON.");
  }
  if (!isObject(policy)) throw new MalformedPolicyDocumentException("The policy is not a JSON object.");
  for (const element of Object.keys(policy)) {
    if (!["Version", "Id", "Statement"].includes(element)) {
      throw new MalformedPolicyDocumentException(`The policy has an unknown element: ${element}.`);
    }
  }
  if (policy.Version !== undefined && policy.Version !== "2012-10-17" && policy.Version !== "2008-10-17") {
    throw new MalformedPolicyDocumentException("The policy has an unsupported Version.");
  }
  const statements = Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement];
  if (statements.length === 0) throw new MalformedPolicyDocumentException("The policy has no Statement.");
  for (const statement of statements) {
    if (!isObject(statement)) throw new MalformedPolicyDocumentException("The policy has no Statement.");
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
      throw new MalformedPolicyDocumentException("A statement's Effect is neither Allow nor Deny.");
    }
    if (statement.Principal === undefined && statement.NotPrincipal === undefined) {
      throw new MalformedPolicyDocumentException("A statement of a key policy has no Principal.");
    }
  }
  return printPolicy(policy);
}

/** JSON as AWS prints policies: two spaces, ` : ` between name and value, lists on one line (Jackson's default printer). */
export function printPolicy(value: unknown, indent = ""): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? "[ ]" : `[ ${value.map((item) => printPolicy(item, indent)).join(", ")} ]`;
  }
  if (!isObject(value)) return JSON.stringify(value);
  const inner = `${indent}  `;
  const members = Object.entries(value).map(
    ([name, item]) => `${inner}${JSON.stringify(name)} : ${printPolicy(item, inner)}`,
  );
  return members.length === 0 ? "{ }" : `{\n${members.join(",\n")}\n${indent}}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
