import { LRUCache } from "lru-cache";
import { compilePolicy, type Policy, PolicyFault } from "../policy/document.ts";
import type { Reader, Store } from "../store/store.ts";
import { awsManagedPolicy } from "./awsManagedPolicies.ts";
import type { Credential } from "./credential.ts";
import { nameKey } from "./entities.ts";
import type { GroupRecord, PolicyRecord, RoleRecord, UserRecord } from "./entity.ts";
import {
  federatedPrincipal,
  type Principal,
  type PrincipalPolicies,
  rolePrincipal,
  rootPrincipal,
  userPrincipal,
} from "./principal.ts";

/** How many users and roles stay in memory, and how many compiled policies. */
const CACHED = 20_000;
const CACHED_POLICIES = 5_000;

/** A user or a role with its policies, compiled, as they stood at one moment. */
export interface Identity {
  readonly entity: UserRecord | RoleRecord;
  readonly policies: readonly Policy[];
  readonly boundary: Policy | undefined;
}

/** Whether an account is open, as long as nothing of its IAM has changed; another takes its place then. */
interface Generation {
  readonly open: boolean;
  current: boolean;
}

/**
 * Who callers are and what their policies say, in memory. Whatever is changed in an account's IAM is obeyed by the next
 * request: all that was found of that account before is found anew.
 */
export class Identities {
  readonly #store: Store;
  readonly #generations = new LRUCache<string, Generation>({
    maxSize: CACHED,
    sizeCalculation: () => 1,
    dispose: (generation) => {
      generation.current = false;
    },
  });
  readonly #identities = new LRUCache<string, { generation: Generation; identity: Identity }>({
    maxSize: CACHED,
    sizeCalculation: () => 1,
  });
  readonly #compiled = new LRUCache<string, Policy>({ maxSize: CACHED_POLICIES, sizeCalculation: () => 1 });

  #changes = 0;

  constructor(store: Store) {
    this.#store = store;
    store.onChange((change) => {
      if (change.kind === "account") this.#generations.delete(change.id);
      else if (change.kind === "everything") this.#generations.clear();
      else return;
      this.#changes++;
    });
  }

  /**
   * Who a credential stands for now; undefined when that user, role or account is no more. A promise only when the store
   * has to be asked.
   */
  principal(credential: Credential): Principal | undefined | Promise<Principal | undefined> {
    const known = credential.principal;
    if (known?.generation.current) return known.principal;
    return this.#find(credential);
  }

  /** A user or role by its id, with its policies; undefined when there is none. */
  async identity(account: string, id: string): Promise<Identity | undefined> {
    return this.#identity(await this.#generation(account), id);
  }

  /** A managed policy, compiled: the account's own or one of AWS's; undefined when there is none. */
  async managedPolicy(account: string, arn: string): Promise<Policy | undefined> {
    const document = await managedPolicyDocument(this.#store, account, arn);
    return document === undefined ? undefined : this.compiled(document, arn);
  }

  /** An identity's policy, compiled once for all that have the same. One that does not compile allows nothing. */
  compiled(document: string, arn?: string): Policy {
    const name = `${arn ?? ""} ${document}`;
    let policy = this.#compiled.get(name);
    if (policy === undefined) {
      policy = compiled(document);
      if (arn !== undefined) policy = { ...policy, arn };
      this.#compiled.set(name, policy);
    }
    return policy;
  }

  /** The unique id of the user or role of an ARN; undefined when there is none. */
  async principalId(arn: string): Promise<string | undefined> {
    const [, account = "", kind = "", path = "", name = ""] =
      /^arn:aws:iam::(\d{12}):(user|role)(\/(?:.*\/)?)([^/]+)$/.exec(arn) ?? [];
    if (kind !== "user" && kind !== "role") return undefined;
    const entity = await this.#store.entityNamed(account, kind, nameKey(kind, name));
    return entity?.path === path && entity.name === name ? entity.id : undefined;
  }

  /** The ARN of the user or role of a unique id; undefined when it is no more. */
  async principalArn(id: string): Promise<string | undefined> {
    const entity = await this.#store.entity(id);
    if (entity?.kind !== "user" && entity?.kind !== "role") return undefined;
    return `arn:aws:iam::${entity.account}:${entity.kind}${entity.path}${entity.name}`;
  }

  async accountExists(id: string): Promise<boolean> {
    return (await this.#store.account(id)) !== undefined;
  }

  /** False for a closed one, and for one that is not there. A promise only when the store has to be asked. */
  accountIsOpen(id: string): boolean | Promise<boolean> {
    return this.#generations.get(id)?.open ?? this.#generation(id).then(({ open }) => open);
  }

  async #find(credential: Credential): Promise<Principal | undefined> {
    const generation = await this.#generation(credential.account);
    const principal = generation.open ? await this.#principal(credential, generation) : undefined;
    if (principal !== undefined) credential.principal = { generation, principal };
    return principal;
  }

  async #principal(credential: Credential, generation: Generation): Promise<Principal | undefined> {
    const { account, accessKeyId, entityId, session } = credential;
    const found = entityId === undefined ? undefined : await this.#identity(generation, entityId);
    if (entityId !== undefined && (found === undefined || found.entity.account !== account)) return undefined;
    const policies: PrincipalPolicies = {
      identity: found?.policies ?? (session?.type === "GetFederationToken" ? [EVERYTHING] : []),
      boundary: found?.boundary,
      session: session && (await this.#sessionPolicies(account, session)),
    };
    if (session?.type === "GetFederationToken") {
      const user = found?.entity.kind === "user" ? found.entity : undefined;
      return federatedPrincipal(account, user, policies, accessKeyId, session);
    }
    if (found === undefined) return rootPrincipal(account, accessKeyId, session);
    if (found.entity.kind === "user") return userPrincipal(found.entity, policies, accessKeyId, session);
    return session && rolePrincipal(found.entity, policies, accessKeyId, session);
  }

  async #sessionPolicies(
    account: string,
    { policy, policyArns }: { policy?: string; policyArns?: readonly string[] },
  ): Promise<Policy[] | undefined> {
    if (policy === undefined && policyArns === undefined) return undefined;
    const policies = policy === undefined ? [] : [this.compiled(policy)];
    for (const arn of policyArns ?? []) policies.push((await this.managedPolicy(account, arn)) ?? NOTHING);
    return policies;
  }

  async #generation(account: string): Promise<Generation> {
    const known = this.#generations.get(account);
    if (known !== undefined) return known;
    const changes = this.#changes;
    const record = await this.#store.account(account);
    const generation = { open: record !== undefined && record.closedAt === null, current: changes === this.#changes };
    // What changed while it was read may have been this account: then it is good for this request alone.
    if (generation.current) this.#generations.set(account, generation);
    return generation;
  }

  async #identity(generation: Generation, id: string): Promise<Identity | undefined> {
    const known = this.#identities.get(id);
    if (known?.generation === generation) return known.identity;
    const identity = await readIdentity(this.#store, id, this);
    if (identity !== undefined) this.#identities.set(id, { generation, identity });
    return identity;
  }
}

/** What an account's root may itself, which is what its federated users are limited from. */
const EVERYTHING = compilePolicy(
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
  "identity",
);
const NOTHING: Policy = { statements: [] };

/** What a managed policy says, in the version in force; undefined when there is none. */
export async function managedPolicyDocument(reader: Reader, account: string, arn: string): Promise<string | undefined> {
  const policy = awsManagedPolicy(arn) ?? (await ownPolicy(reader, account, arn));
  return policy?.versions.find(({ number }) => number === policy.defaultVersion)?.document;
}

/** An account's own managed policy; undefined when it has none of this ARN. */
export async function ownPolicy(reader: Reader, account: string, arn: string): Promise<PolicyRecord | undefined> {
  const [, owner, path, name = ""] = /^arn:aws:iam::(\d{12}):policy(\/(?:.*\/)?)([^/]+)$/.exec(arn) ?? [];
  if (owner !== account) return undefined;
  const policy = await reader.entityNamed(account, "policy", nameKey("policy", name));
  return policy?.path === path && policy?.name === name ? policy : undefined;
}

async function readIdentity(reader: Reader, id: string, identities: Identities): Promise<Identity | undefined> {
  const entity = await reader.entity(id);
  if (entity?.kind !== "user" && entity?.kind !== "role") return undefined;
  const holders: (UserRecord | RoleRecord | GroupRecord)[] = [entity];
  for (const groupId of entity.kind === "user" ? entity.groups : []) {
    const group = await reader.entity(groupId);
    if (group?.kind === "group") holders.push(group);
  }
  const policies: Policy[] = [];
  for (const holder of holders) {
    for (const document of Object.values(holder.policies)) policies.push(identities.compiled(document));
    for (const arn of holder.attached) {
      const policy = await identities.managedPolicy(entity.account, arn);
      if (policy !== undefined) policies.push(policy);
    }
  }
  const boundary =
    entity.boundary === null
      ? undefined
      : ((await identities.managedPolicy(entity.account, entity.boundary)) ?? NOTHING);
  return { entity, policies, boundary };
}

function compiled(document: string): Policy {
  try {
    return compilePolicy(document, "identity");
  } catch (error) {
    if (error instanceof PolicyFault) return NOTHING;
    throw error;
  }
}
