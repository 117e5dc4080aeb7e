import type { AttachedPolicy } from "@aws-sdk/client-iam";
import type { IamConditions } from "./authorize.ts";
import type { EntityOf } from "./entity.ts";
import { QueryException } from "./errors.ts";
import { managedPolicy, policyNotAttachable, policyNotFound, requirePolicyArn } from "./managedPolicy.ts";
import { authorizedEntity, changeEntity } from "./named.ts";
import type { IamCall } from "./operation.ts";
import { type ListEnd, type ListInput, pageOfList } from "./page.ts";
import { underPath } from "./path.ts";
import { requireQuota } from "./quota.ts";

type Holder = "user" | "group" | "role";

const QUOTAS = { user: "PoliciesPerUser", group: "PoliciesPerGroup", role: "PoliciesPerRole" } as const;

/**
 * Attach…Policy: what is attached already stays so.
 * @param name whom to: as the request names it
 * @throws ValidationError; AccessDenied; NoSuchEntity; PolicyNotAttachable; LimitExceeded
 */
export async function attachPolicy(call: IamCall, action: string, kind: Holder, name: string, arn: string) {
  const found = await authorizedHolder(call, action, kind, name, arn);
  await changeEntity(call, found, async (holder, transaction) => {
    if ((await managedPolicy(transaction, holder.account, arn)) === undefined) throw policyNotAttachable(arn);
    if (holder.attached.includes(arn)) return holder;
    if (arn.startsWith("arn:aws:iam::aws:policy/aws-service-role/")) {
      throw new QueryException("PolicyNotAttachable", 400, "Cannot attach a Service Role Policy to a Customer Role.");
    }
    requireQuota(QUOTAS[kind], holder.attached.length);
    return { ...holder, attached: [...holder.attached, arn] };
  });
}

/**
 * Detach…Policy: what is not attached cannot be detached.
 * @throws ValidationError; AccessDenied; NoSuchEntity
 */
export async function detachPolicy(call: IamCall, action: string, kind: Holder, name: string, arn: string) {
  const found = await authorizedHolder(call, action, kind, name, arn);
  await changeEntity(call, found, (holder) => {
    if (!holder.attached.includes(arn)) throw policyNotFound(arn);
    return { ...holder, attached: holder.attached.filter((attached) => attached !== arn) };
  });
}

/**
 * ListAttached…Policies.
 * @throws AccessDenied; NoSuchEntity; ValidationError: marker
 */
export async function listAttachedPolicies(
  call: IamCall,
  action: string,
  kind: Holder,
  name: string,
  input: ListInput & { PathPrefix?: string | undefined },
): Promise<{ AttachedPolicies: AttachedPolicy[] } & ListEnd> {
  const holder = await authorizedEntity(call, action, kind, name);
  const under = underPath(input.PathPrefix);
  const attached = holder.attached.filter((arn) => under({ path: policyPath(arn) }));
  const { items, ...end } = pageOfList(action, attached, input, (arn) => arn);
  return { AttachedPolicies: items.map(attachedPolicy), ...end };
}

/** An attached policy, as lists show it. */
export function attachedPolicy(arn: string): AttachedPolicy {
  return { PolicyName: policyName(arn), PolicyArn: arn };
}

/** The name of the policy of an ARN: what comes after its path. */
export function policyName(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

function policyPath(arn: string): string {
  return arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1);
}

/** The ARN's form comes first, then who is to have the policy, then the policy itself. */
async function authorizedHolder(
  call: IamCall,
  action: string,
  kind: Holder,
  name: string,
  arn: string,
): Promise<EntityOf<Holder>> {
  requirePolicyArn(arn);
  const conditions: IamConditions = (key) => (key === "iam:policyarn" ? arn : undefined);
  return authorizedEntity(call, action, kind, name, conditions);
}
