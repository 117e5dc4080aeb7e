import type { Policy, PolicyVersion as ShownVersion } from "@aws-sdk/client-iam";
import type { Reader, Transaction } from "../store/store.ts";
import { authorize, entityArn, type IamConditions } from "./authorize.ts";
import { awsManagedPolicies, awsManagedPolicy } from "./awsManagedPolicies.ts";
import { encodedDocument } from "./encodedDocument.ts";
import { link, nameKey, putEntity } from "./entities.ts";
import type { PolicyRecord, PolicyVersion } from "./entity.ts";
import { accessDenied, malformedPolicy, noSuchEntity, validationError } from "./errors.ts";
import { ownPolicy } from "./identities.ts";
import type { IamCall } from "./operation.ts";
import { parseIdentityPolicy } from "./policyDocument.ts";

const POLICY_ARN = /^arn:aws:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/;

/** @throws ValidationError: what should be a managed policy's ARN is none */
export function requirePolicyArn(arn: string): string {
  if (POLICY_ARN.test(arn)) return arn;
  throw validationError(`ARN ${arn} is not valid.`);
}

/** A managed policy, the account's own or one of AWS's; undefined when there is none. */
export async function managedPolicy(reader: Reader, account: string, arn: string): Promise<PolicyRecord | undefined> {
  return awsManagedPolicy(arn) ?? (await ownPolicy(reader, account, arn));
}

/** What requests are told of a policy that is not there. */
export const policyNotFound = (arn: string) => noSuchEntity(`Policy ${arn} was not found.`);
export const policyNotAttachable = (arn: string) => noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
export const versionNotFound = (arn: string, version: string) =>
  noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);

/**
 * The managed policy that a request names, once the caller may call the operation on it.
 * @param absent what is thrown when there is none
 * @throws ValidationError; AccessDenied; NoSuchEntity
 */
export async function authorizedPolicy(
  call: IamCall,
  action: string,
  arn: string,
  { conditions, absent = policyNotFound }: { conditions?: IamConditions; absent?: (arn: string) => Error } = {},
): Promise<PolicyRecord> {
  requirePolicyArn(arn);
  const policy = await managedPolicy(call.iam.store, call.principal.account, arn);
  authorize(call, action, { arn, shown: `policy ${arn}`, tags: policy?.tags ?? [] }, conditions);
  if (policy === undefined) throw absent(arn);
  return policy;
}

/**
 * Changes one of the account's own policies in a transaction. What `change` is given is what the store holds now.
 * @param verb what AWS says cannot be done to its own policies
 * @throws AccessDenied: it is AWS's; NoSuchEntity: it is gone meanwhile
 */
export async function changePolicy(
  call: IamCall,
  found: PolicyRecord,
  verb: string,
  change: (policy: PolicyRecord, transaction: Transaction) => PolicyRecord | Promise<PolicyRecord>,
): Promise<PolicyRecord> {
  requireOwnPolicy(found, verb);
  return call.iam.store.transaction(async (transaction) => {
    const changed = await change(await currentPolicy(transaction, found), transaction);
    await putEntity(transaction, changed);
    return changed;
  });
}

/** @throws AccessDenied: reference/iam-sts.md §3.2 */
export function requireOwnPolicy({ account }: PolicyRecord, verb: string): void {
  if (account === "aws") throw accessDenied(`Cannot ${verb} outside your own account.`);
}

/** A policy that was found before, as it is now. @throws NoSuchEntity: it is gone meanwhile */
export async function currentPolicy(transaction: Transaction, found: PolicyRecord): Promise<PolicyRecord> {
  const policy = await transaction.entity(found.id);
  if (policy?.kind !== "policy") throw policyNotFound(entityArn(found));
  return policy;
}

/** A document that a managed policy can have. @throws MalformedPolicyDocument */
export function requireManagedDocument(document: string): void {
  const parsed = parseIdentityPolicy(document, { managed: true });
  if ("fault" in parsed) throw malformedPolicy(parsed.fault);
}

/** How many in an account have a policy attached, and how many have it for a boundary. */
export async function policyUse(reader: Reader, account: string, arn: string) {
  return {
    attachments: await reader.countLinked(link.attached(account, arn)),
    boundaries: await reader.countLinked(link.boundary(account, arn)),
  };
}
export type PolicyUse = Awaited<ReturnType<typeof policyUse>>;

/** A policy with its use in an account. */
export interface CountedPolicy {
  readonly policy: PolicyRecord;
  readonly use: PolicyUse;
}

/**
 * Policies with their use in an account, for {@link pageOfScan}: its own by name, then AWS's by name.
 * @param scope whose to read
 */
export function countedPolicies(reader: Reader, account: string, scope: "All" | "AWS" | "Local") {
  return {
    position: ({ policy }: CountedPolicy) => `${policy.account === "aws" ? "aws" : "own"} ${policyKey(policy)}`,
    async read(after: string | undefined, limit: number): Promise<CountedPolicy[]> {
      const found: PolicyRecord[] = [];
      const inAws = after?.startsWith("aws ");
      const name = after?.slice(4);
      if (scope !== "AWS" && !inAws) {
        found.push(...(await reader.entities(account, "policy", { after: name, limit })));
      }
      if (scope !== "Local") {
        found.push(...awsPoliciesByName.filter((policy) => !inAws || policyKey(policy) > (name as string)));
      }
      return Promise.all(
        found
          .slice(0, limit)
          .map(async (policy) => ({ policy, use: await policyUse(reader, account, entityArn(policy)) })),
      );
    },
  };
}

function policyKey({ name }: PolicyRecord): string {
  return nameKey("policy", name);
}
const awsPoliciesByName = awsManagedPolicies.toSorted((a, b) => (policyKey(a) < policyKey(b) ? -1 : 1));

/** What all operations show of a policy: reference/iam-sts.md §3.1. */
export function basicPolicy(policy: PolicyRecord, { attachments, boundaries }: PolicyUse) {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: entityArn(policy),
    Path: policy.path,
    DefaultVersionId: versionId(policy.defaultVersion),
    AttachmentCount: attachments,
    PermissionsBoundaryUsageCount: boundaries,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.updatedAt),
  } satisfies Policy;
}

export function versionId(number: number): string {
  return `v${number}`;
}

/** A version of a policy by its id. @throws NoSuchEntity */
export function versionOf(policy: PolicyRecord, id: string): PolicyVersion {
  const version = policy.versions.find(({ number }) => versionId(number) === id);
  if (version === undefined) throw versionNotFound(entityArn(policy), id);
  return version;
}

/** As lists and CreatePolicyVersion show a version: without its document. */
export function listedVersion(policy: PolicyRecord, { number, createdAt }: PolicyVersion): ShownVersion {
  return {
    VersionId: versionId(number),
    IsDefaultVersion: number === policy.defaultVersion,
    CreateDate: new Date(createdAt),
  };
}

export function wholeVersion(policy: PolicyRecord, version: PolicyVersion): ShownVersion {
  return { Document: encodedDocument(version.document), ...listedVersion(policy, version) };
}

export function newestFirst(versions: readonly PolicyVersion[]): PolicyVersion[] {
  return versions.toSorted((a, b) => b.number - a.number);
}
