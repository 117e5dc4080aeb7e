/** What AWS takes for an AWS principal: everyone, an account, a user, a role, a session; the ids of former users and roles. */
const AWS_PRINCIPAL =
  /^(?:\*|\d{12}|A(?:IDA|ROA)[A-Z2-7]{17}|arn:aws:iam::\d{12}:(?:root|(?:user|role)\/[\w+=,.@/-]+)|arn:aws:sts::\d{12}:(?:assumed-role|federated-user)\/[\w+=,.@/-]+)$/;
const ENTITY_ARN = /^arn:aws:iam::\d{12}:(?:user|role)\//;
const UNIQUE_ID = /^A(?:IDA|ROA)[A-Z2-7]{17}$/;

/** By its form alone; it may not exist. */
export function isAwsPrincipal(text: string): boolean {
  return AWS_PRINCIPAL.test(text);
}

/** The ARN of a user or of a role. */
export function isEntityArn(text: string): boolean {
  return ENTITY_ARN.test(text);
}

/** The unique id of a user or of a role. */
export function isUniqueId(text: string): boolean {
  return UNIQUE_ID.test(text);
}

/** Who exists. */
export interface KnownPrincipals {
  principalId(arn: string): Promise<string | undefined>;
  accountExists(id: string): Promise<boolean>;
}

/**
 * What stands for an AWS principal in a policy that is stored: the unique id of a user or role, the ARN of an account that
 * is named by its digits (https://github.com/hashicorp/terraform-provider-aws/pull/1546), else the principal itself;
 * undefined when it does not exist.
 * @param mayStay whether the policy that this one takes the place of has a unique id: those of the deleted may stay
 */
export async function resolvedPrincipal(
  known: KnownPrincipals,
  principal: string,
  mayStay: (id: string) => boolean,
): Promise<string | undefined> {
  if (isEntityArn(principal)) return known.principalId(principal);
  if (isUniqueId(principal)) return mayStay(principal) ? principal : undefined;
  const account = /^(?:arn:aws:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(principal)?.[1];
  if (account !== undefined && !(await known.accountExists(account))) return undefined;
  return account === principal ? `arn:aws:iam::${account}:root` : principal;
}
