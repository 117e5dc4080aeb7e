import type { Decision } from "../policy/evaluate.ts";
import { type Explanation, explain } from "../policy/explain.ts";
import { aliasArn, keyArn, parseKeyReference } from "./arn.ts";
import { grantFor, inAccount, isGrantable, onKey, worksAcrossAccounts } from "./authorize.ts";
import { aliasConditions, type ConditionValues, conditionValues, encryptionConditions } from "./conditionValues.ts";
import type { GrantRecord } from "./grant.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

/** What is asked: as the command line has it, with the operation's name spelt as AWS spells it. */
export interface AccessQuestion {
  /** the action without its `kms:` */
  readonly operation: string;
  /** a key's or an alias's ARN; `*` for none */
  readonly resource: string;
  /** what the request says to conditions, beside what the server knows */
  readonly values: ConditionValues;
  readonly encryptionContext: Record<string, string> | undefined;
}

/** Why a request would be allowed or denied. */
export interface AccessExplanation extends Explanation {
  /** the key that the request is about; undefined when it is about none */
  readonly key: Key | undefined;
  /** the grant that allows it; undefined when none does, or none was needed */
  readonly grant: GrantRecord | undefined;
  /** what decided before any policy was asked */
  readonly beforehand?: string;
}

/** Of these the account's IAM alone decides. */
const WITHOUT_KEY: ReadonlySet<string> = new Set([
  "CreateKey",
  "GenerateRandom",
  "ListAliases",
  "ListKeys",
  "ListRetirableGrants",
]);

/** These are authorized twice: on the alias by IAM, and on the key. */
const OF_ALIASES: ReadonlySet<string> = new Set(["CreateAlias", "DeleteAlias", "UpdateAlias"]);

const ENCRYPTION: ReadonlySet<string> = new Set([
  "Decrypt",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "GenerateDataKeyWithoutPlaintext",
  "ReEncryptFrom",
  "ReEncryptTo",
]);

/** What takes an alias for a key: reference/kms-operations.md §1. */
const BY_ALIAS: ReadonlySet<string> = new Set([
  ...ENCRYPTION,
  "Decapsulate",
  "DeriveSharedSecret",
  "DescribeKey",
  "Encapsulate",
  "GenerateMac",
  "GetPublicKey",
  "Sign",
  "Verify",
  "VerifyMac",
]);

/**
 * Decides as the operation itself would, and says by what. Nothing is done.
 * @throws Error when the question has no answer: no such key, or a resource that the operation does not take
 */
export async function explainAccess(call: Call, question: AccessQuestion): Promise<AccessExplanation> {
  const { operation, resource, values } = question;
  const { account } = call.principal;
  const beyondKeys = { key: undefined, grant: undefined };
  if (!(await call.kms.identities.accountIsOpen(account))) {
    return { ...refused(`account ${account} is closed: nobody in it is let in`), ...beyondKeys };
  }
  if (WITHOUT_KEY.has(operation) !== (resource === "*")) {
    throw new Error(
      resource === "*"
        ? `kms:${operation} is about a key: the resource is a key's or an alias's ARN, not *`
        : `kms:${operation} is about no key: the resource is *`,
    );
  }
  if (resource === "*") return { ...inAccount(explain, call, operation, values, "*", account), ...beyondKeys };
  const reference = parseKeyReference(resource, account, call.region);
  if (reference.type === "alias" && OF_ALIASES.has(operation)) {
    if (reference.account !== account) return { ...refused("an alias is its own account's alone"), ...beyondKeys };
    const arn = aliasArn({ account, region: call.region, name: reference.name });
    return { ...inAccount(explain, call, operation, values, arn, account), ...beyondKeys };
  }
  return onOneKey(call, question, await keyOf(call, operation, resource));
}

async function keyOf(call: Call, operation: string, resource: string): Promise<Key> {
  const reference = parseKeyReference(resource, call.principal.account, call.region);
  const { account } = reference;
  const { region } = call;
  if (reference.type === "alias" && !BY_ALIAS.has(operation)) {
    throw new Error(`kms:${operation} takes no alias: the resource is a key's ARN`);
  }
  const id = reference.type === "key" ? reference.id : await call.kms.keys.findAlias(account, region, reference.name);
  if (id === undefined) throw new Error(`there is no alias ${resource}`);
  const key = await call.kms.keys.find(account, region, id);
  if (key === undefined) throw new Error(`there is no key ${keyArn({ account, region, id })}`);
  return key;
}

async function onOneKey(call: Call, question: AccessQuestion, key: Key): Promise<AccessExplanation> {
  const { operation, resource, encryptionContext } = question;
  const { account } = key.record;
  if (account !== call.principal.account) {
    const reason = !worksAcrossAccounts(operation)
      ? `kms:${operation} does not work on a key of another account`
      : (await call.kms.identities.accountIsOpen(account))
        ? undefined
        : `account ${account} is closed: its keys let nobody in`;
    if (reason !== undefined) return { ...refused(reason), key, grant: undefined };
  }
  const implied = ENCRYPTION.has(operation)
    ? encryptionConditions(resource, encryptionContext)
    : aliasConditions(resource);
  const values = conditionValues(question.values, implied);
  const byPolicy = onKey(explain, call, operation, key, key.policy, values);
  const grant =
    byPolicy.decision.effect === "implicit deny" && isGrantable(operation)
      ? await grantFor(call, operation, key, { encryptionContext })
      : undefined;
  if (grant === undefined) return { ...byPolicy, key, grant: undefined };
  return { ...onKey(explain, call, operation, key, key.policy, values, grant.grade), key, grant: grant.record };
}

function refused(beforehand: string): Explanation & { beforehand: string } {
  const decision: Decision = { effect: "implicit deny", source: "resource" };
  return { decision, applied: [], absent: [], beforehand };
}
