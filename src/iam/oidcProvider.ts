import type { Transaction } from "../store/store.ts";
import { authorize, entityArn, type IamConditions } from "./authorize.ts";
import { putEntity } from "./entities.ts";
import type { OidcProviderRecord } from "./entity.ts";
import { noSuchEntity, validationError } from "./errors.ts";
import type { IamCall } from "./operation.ts";

const PROVIDER_ARN = /^arn:aws:iam::(\d{12}):oidc-provider\/(\S+)$/;

/**
 * The name of a provider: its URL without the scheme, spelled as it is given. A port is taken, though AWS's guide has
 * none: issuers of one's own network often have one.
 * @throws ValidationError: no https URL, or one with user, query or fragment
 */
export function providerName(url: string): string {
  const parsed = URL.parse(url);
  const name = /^https:\/\/([^\s?#@\\]+)$/.exec(url)?.[1];
  if (parsed === null || name === undefined) throw validationError("Invalid Open ID Connect Provider URL");
  return name;
}

export const providerNotFound = (arn: string) => noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
export const providerNotDeletable = (arn: string) => noSuchEntity(`OpenId connect Provider ${arn} cannot be found.`);

/**
 * The provider that a request names, once the caller may call the operation on it.
 * @param absent what is thrown when there is none
 * @throws ValidationError; AccessDenied; NoSuchEntity
 */
export async function authorizedProvider(
  call: IamCall,
  action: string,
  arn: string,
  { conditions, absent = providerNotFound }: { conditions?: IamConditions; absent?: (arn: string) => Error } = {},
): Promise<OidcProviderRecord> {
  const { account } = call.principal;
  const [, owner, name = ""] = PROVIDER_ARN.exec(arn) ?? [];
  if (owner === undefined) throw validationError(`ARN ${arn} is not valid.`);
  const provider = owner === account ? await call.iam.store.entityNamed(account, "oidcProvider", name) : undefined;
  authorize(call, action, { arn, tags: provider?.tags ?? [] }, conditions);
  if (provider === undefined) throw absent(arn);
  return provider;
}

/**
 * Changes a provider in a transaction. What `change` is given is what the store holds now.
 * @throws NoSuchEntity: it is gone meanwhile
 */
export function changeProvider(
  call: IamCall,
  found: OidcProviderRecord,
  change: (provider: OidcProviderRecord) => OidcProviderRecord,
): Promise<void> {
  return call.iam.store.transaction(async (transaction) => {
    await putEntity(transaction, change(await currentProvider(transaction, found)));
  });
}

/** A provider that was found before, as it is now. @throws NoSuchEntity: it is gone meanwhile */
export async function currentProvider(
  transaction: Transaction,
  found: OidcProviderRecord,
  absent = providerNotFound,
): Promise<OidcProviderRecord> {
  const provider = await transaction.entity(found.id);
  if (provider?.kind !== "oidcProvider") throw absent(entityArn(found));
  return provider;
}
