import type { GrantListEntry, GrantOperation, KeyUsageType } from "@aws-sdk/client-kms";
import { PrincipalList } from "../policy/principal.ts";
import type { Store } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { DryRunOperationException, InvalidGrantIdException, NotFoundException } from "./errors.ts";
import type { GrantConstraints } from "./grantConstraints.ts";
import { isServicePrincipal, shownPrincipals } from "./grantPrincipal.ts";
import type { KeyRecord, KeyRef } from "./key.ts";
import { keySpecRow } from "./keySpec.ts";
import type { Directory } from "./operation.ts";
import { cutPage, type PageEnd } from "./page.ts";

/** A grant as the store keeps it; never changed, only deleted. */
export interface GrantRecord {
  readonly key: KeyRef;
  /** 64 hex digits */
  readonly id: string;
  /** who may: {@link GrantPrincipal} */
  readonly grantee: GrantPrincipal;
  /** who may retire it */
  readonly retiring: GrantPrincipal | null;
  /** the account that made it */
  readonly issuer: string;
  /** empty when it has none */
  readonly name: string;
  readonly operations: readonly GrantOperation[];
  readonly constraints: GrantConstraints | null;
  /** milliseconds since the epoch */
  readonly createdAt: number;
}

/**
 * A principal of a grant as policies know it: a user's or role's unique id, the ARN of a role's session or a federated
 * user, an account's 12 digits, the name of a service.
 */
export type GrantPrincipal = string;

/** Per KMS key: reference/kms-semantics.md §9.2. */
export const GRANT_LIMIT = 50_000;

/** What a grant can allow on any key. */
const onEveryKey: readonly GrantOperation[] = ["CreateGrant", "DescribeKey", "RetireGrant"];

/** What a grant can allow besides, by what the key is for. */
const forUsage: Record<KeyUsageType, readonly GrantOperation[]> = {
  ENCRYPT_DECRYPT: ["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"],
  SIGN_VERIFY: ["Sign", "Verify"],
  GENERATE_VERIFY_MAC: ["GenerateMac", "VerifyMac"],
  KEY_AGREEMENT: ["DeriveSharedSecret"],
  ENCAPSULATE_DECAPSULATE: ["Decapsulate", "Encapsulate"],
};

const onSymmetricKeys: readonly GrantOperation[] = [
  "GenerateDataKey",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "GenerateDataKeyWithoutPlaintext",
];

/** Whether a grant on this key can allow an operation: those that the key does not support it cannot. */
export function isGrantable(key: Pick<KeyRecord, "spec" | "usage">, operation: GrantOperation): boolean {
  if (onEveryKey.includes(operation) || forUsage[key.usage].includes(operation)) return true;
  if (takesEncryptionContext(key)) return onSymmetricKeys.includes(operation);
  return operation === "GetPublicKey" && key.usage !== "GENERATE_VERIFY_MAC";
}

/** Whether the operations on this key have an encryption context, which constraints can be about. */
export function takesEncryptionContext({ spec }: Pick<KeyRecord, "spec">): boolean {
  return keySpecRow(spec).family === "symmetric";
}

/**
 * Who may retire a grant, whatever the policies say: its retiring principal, its grantee where it allows RetireGrant,
 * the account that it was made in and the key's. What it means for an account's principals is their IAM's to say.
 */
export function retirers({ key, issuer, retiring, grantee, operations }: GrantRecord): PrincipalList {
  const principals = [key.account, issuer];
  if (retiring !== null) principals.push(retiring);
  if (operations.includes("RetireGrant")) principals.push(grantee);
  return new PrincipalList(principals);
}

/** @throws InvalidGrantIdException for what no grant can have as its id */
export function requireGrantId(id: string): string {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new InvalidGrantIdException(`Invalid grant id '${id}'`);
  return id;
}

/**
 * Ends a grant, for good.
 * @throws NotFoundException, DryRunOperationException
 */
export function deleteGrant(store: Store, ref: KeyRef, id: string, dryRun: boolean | undefined): Promise<void> {
  return store.transaction(async (transaction) => {
    const grant = await transaction.grant(ref, id);
    if (grant === undefined) throw new NotFoundException(`Grant '${id}' on key '${keyArn(ref)}' does not exist`);
    if (dryRun) throw new DryRunOperationException();
    await transaction.deleteGrant(grant);
  });
}

/** What ListGrants and ListRetirableGrants return. @param grants one more than `limit` where there are more */
export async function grantListPage(
  identities: Directory,
  list: string,
  grants: GrantRecord[],
  limit: number,
): Promise<{ Grants: GrantListEntry[] } & PageEnd> {
  const { items, ...end } = cutPage(list, grants, limit, ({ id }) => id);
  const shown = await shownPrincipals(
    identities,
    items.flatMap(({ grantee, retiring }) => [grantee, retiring]),
  );
  return { Grants: items.map((grant) => grantListEntry(grant, shown)), ...end };
}

function grantListEntry(grant: GrantRecord, shown: (principal: GrantPrincipal) => string): GrantListEntry {
  const { grantee, retiring } = grant;
  return {
    KeyId: keyArn(grant.key),
    GrantId: grant.id,
    Name: grant.name,
    CreationDate: new Date(grant.createdAt),
    [isServicePrincipal(grantee) ? "GranteeServicePrincipal" : "GranteePrincipal"]: shown(grantee),
    ...(retiring !== null && {
      [isServicePrincipal(retiring) ? "RetiringServicePrincipal" : "RetiringPrincipal"]: shown(retiring),
    }),
    IssuingAccount: `arn:aws:iam::${grant.issuer}:root`,
    Operations: [...grant.operations],
    ...(grant.constraints !== null && { Constraints: grant.constraints }),
  };
}
