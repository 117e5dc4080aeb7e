import type { Transaction } from "../store/store.ts";
import { authorize, entityArn, type IamConditions, type IamResource, resourceOf } from "./authorize.ts";
import { nameKey, putEntity } from "./entities.ts";
import type { EntityOf } from "./entity.ts";
import { noSuchHolder, validationError } from "./errors.ts";
import type { IamCall } from "./operation.ts";

/** What requests name by a friendly name. */
type Named = "user" | "group" | "role";

/**
 * The user, group or role that a request names, in any case, once the caller may call the operation on it.
 * `iam:PermissionsBoundary` is the boundary that it has, unless the operation says otherwise.
 * @throws AccessDenied; NoSuchEntity
 */
export async function authorizedEntity<K extends Named>(
  call: IamCall,
  action: string,
  kind: K,
  name: string,
  conditions?: IamConditions,
): Promise<EntityOf<K>> {
  const entity = await authorizeNamed(call, action, kind, name, conditions);
  if (entity === undefined) throw noSuchHolder(kind, name);
  return entity;
}

/** As {@link authorizedEntity}, for who has something else to say where there is none: undefined then. */
export async function authorizeNamed<K extends Named>(
  call: IamCall,
  action: string,
  kind: K,
  name: string,
  conditions?: IamConditions,
): Promise<EntityOf<K> | undefined> {
  const { account } = call.principal;
  const entity = await call.iam.store.entityNamed(account, kind, nameKey(kind, name));
  if (entity === undefined) {
    const arn = entityArn({ kind, account, path: "/", name });
    authorize(call, action, { arn, shown: `${kind} ${name}` }, conditions);
    return undefined;
  }
  authorize(call, action, resourceOf(entity), (key) => conditions?.(key) ?? boundaryCondition(entity, key));
  return entity;
}

/**
 * Whom an operation is about whose UserName may be left out: then it is the caller; null for the account's root.
 * @throws AccessDenied; NoSuchEntity; ValidationError: neither a name nor a user
 */
export async function authorizedUserOrRoot(
  call: IamCall,
  action: string,
  userName: string | undefined,
): Promise<EntityOf<"user"> | null> {
  const { principal } = call;
  if (userName !== undefined) return authorizedEntity(call, action, "user", userName);
  if (principal.type === "root") {
    authorize(call, action, { arn: principal.arn });
    return null;
  }
  if (principal.type === "user" && principal.entity !== undefined) {
    return authorizedEntity(call, action, "user", principal.entity.name);
  }
  throw mustSpecifyUserName();
}

/** As {@link authorizedUserOrRoot}, for what root does not have. @throws ValidationError for root too */
export async function authorizedUser(
  call: IamCall,
  action: string,
  userName: string | undefined,
): Promise<EntityOf<"user">> {
  const user = await authorizedUserOrRoot(call, action, userName);
  if (user === null) throw mustSpecifyUserName();
  return user;
}

const mustSpecifyUserName = () => validationError("Must specify userName when calling with non-User credentials");

/**
 * Changes a user, group or role in a transaction. What `change` is given is what the store holds now.
 * @throws NoSuchEntity: it is gone meanwhile
 */
export function changeEntity<K extends Named>(
  call: IamCall,
  found: EntityOf<K>,
  change: (entity: EntityOf<K>, transaction: Transaction) => EntityOf<K> | Promise<EntityOf<K>>,
): Promise<EntityOf<K>> {
  return call.iam.store.transaction(async (transaction) => {
    const changed = await change(await currentEntity(transaction, found), transaction);
    await putEntity(transaction, changed);
    return changed;
  });
}

/** A user, group or role that was found before, as it is now. @throws NoSuchEntity: it is gone meanwhile */
export async function currentEntity<K extends Named>(
  transaction: Transaction,
  found: EntityOf<K>,
): Promise<EntityOf<K>> {
  const { kind, id, name } = found as EntityOf<Named>;
  const entity = await transaction.entity(id);
  if (entity === undefined) throw noSuchHolder(kind, name);
  return entity as EntityOf<K>;
}

/** Something new, by the ARN that it is to have. */
export function newResource(
  call: IamCall,
  kind: Parameters<typeof entityArn>[0]["kind"],
  path: string,
  name: string,
): IamResource {
  return { arn: entityArn({ kind, account: call.principal.account, path, name }) };
}

/** What a list is about: the path below which it looks. */
export function listResource(call: IamCall, kind: Named | "mfaDevice", pathPrefix = "/"): IamResource {
  return { arn: entityArn({ kind, account: call.principal.account, path: pathPrefix, name: "" }) };
}

function boundaryCondition(entity: EntityOf<Named>, key: string): string | undefined {
  return key === "iam:permissionsboundary" && "boundary" in entity ? (entity.boundary ?? undefined) : undefined;
}
