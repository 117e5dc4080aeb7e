import type { Policy } from "../policy/document.ts";
import type { RoleRecord, UserRecord } from "./entity.ts";
import { managedPolicyDocument } from "./identities.ts";
import type { Iam } from "./operation.ts";

/** Where a policy is kept, and what it says. */
export interface PolicyPlace {
  /** such as `inline policy "keys" of group admins`, or a managed policy's ARN */
  readonly name: string;
  readonly text: string;
}

/**
 * Where the policies of a user (with its groups) or a role are kept, by their compiled form as `Identities` has it. The
 * same document in two places is one compiled policy: the first is named, with the others behind it.
 */
export async function policyPlaces(
  iam: Iam,
  entity: UserRecord | RoleRecord,
): Promise<ReadonlyMap<Policy, PolicyPlace>> {
  const places = new Map<Policy, PolicyPlace>();
  const add = (name: string, text: string, arn?: string) => {
    const policy = iam.identities.compiled(text, arn);
    const earlier = places.get(policy);
    places.set(policy, { name: earlier === undefined ? name : `${earlier.name}, ${name}`, text });
  };
  const addManaged = async (arn: string) => {
    const text = await managedPolicyDocument(iam.store, entity.account, arn);
    if (text !== undefined) add(arn, text, arn);
  };
  const holders = [entity, ...(await groupsOf(iam, entity))];
  for (const { kind, name, policies, attached } of holders) {
    for (const [policy, text] of Object.entries(policies)) add(`inline policy "${policy}" of ${kind} ${name}`, text);
    for (const arn of attached) await addManaged(arn);
  }
  if (entity.boundary !== null && !entity.attached.includes(entity.boundary)) await addManaged(entity.boundary);
  return places;
}

async function groupsOf({ store }: Iam, entity: UserRecord | RoleRecord) {
  if (entity.kind !== "user") return [];
  const groups = await Promise.all(entity.groups.map((id) => store.entity(id)));
  return groups.filter((group) => group?.kind === "group");
}
