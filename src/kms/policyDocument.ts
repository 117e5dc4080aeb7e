import { compilePolicy, type Policy, PolicyFault } from "../policy/document.ts";
import { isAwsPrincipal } from "../policy/principalForm.ts";
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

/** A key policy that is to be stored. */
export interface ParsedKeyPolicy {
  /** as GetKeyPolicy prints it */
  readonly text: string;
  readonly policy: Policy;
}

/** @throws MalformedPolicyDocumentException, LimitExceededException: reference/policy-language.md §1.1 */
export function parseKeyPolicy(text: string): ParsedKeyPolicy {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new LimitExceededException(`The key policy is longer than ${MAX_BYTES} bytes.`);
  }
  try {
    const policy = compilePolicy(text, "resource");
    const document = JSON.parse(text);
    for (const statement of [document.Statement].flat())
      requirePrincipals(statement.Principal ?? statement.NotPrincipal);
    return { text: printPolicy(document), policy };
  } catch (error) {
    if (!(error instanceof PolicyFault)) throw error;
    throw new MalformedPolicyDocumentException(FAULTS[error.kind] ?? `The policy is malformed: ${error.message}.`);
  }
}

const FAULTS: { readonly [kind in PolicyFault["kind"]]?: string } = {
  principal: "Policy contains a statement with no principal.",
  action: "Missing required field Action",
  resource: "Missing required field Resource",
};

const PRINCIPAL_FORMS: Readonly<Record<string, (name: string) => boolean>> = {
  AWS: isAwsPrincipal,
  Service: (name) => /^[a-z0-9.-]+$/.test(name),
};

function requirePrincipals(principal: unknown): void {
  if (principal === "*") return;
  for (const [type, names] of Object.entries(principal as Record<string, string | string[]>)) {
    const isValid = PRINCIPAL_FORMS[type];
    if ([names].flat().every((name) => isValid?.(name))) continue;
    throw new MalformedPolicyDocumentException("Policy contains a statement with one or more invalid principals.");
  }
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
