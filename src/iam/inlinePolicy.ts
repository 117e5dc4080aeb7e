import { encodedDocument } from "./encodedDocument.ts";
import type { EntityOf } from "./entity.ts";
import { malformedPolicy, noSuchEntity } from "./errors.ts";
import { authorizedEntity, changeEntity } from "./named.ts";
import type { IamCall } from "./operation.ts";
import { type ListEnd, type ListInput, pageOfList } from "./page.ts";
import { parseIdentityPolicy } from "./policyDocument.ts";
import { requireQuotaOfInlinePolicies } from "./quota.ts";

type Holder = "user" | "group" | "role";

/**
 * Put…Policy: makes or replaces an inline policy.
 * @param name whose it is to be: as the request names it
 * @throws AccessDenied; NoSuchEntity; MalformedPolicyDocument; LimitExceeded
 */
export async function putInlinePolicy(
  call: IamCall,
  action: string,
  kind: Holder,
  name: string,
  { policyName, document }: { policyName: string; document: string },
): Promise<void> {
  const found = await authorizedEntity(call, action, kind, name);
  const parsed = parseIdentityPolicy(document, { managed: false });
  if ("fault" in parsed) throw malformedPolicy(parsed.fault);
  await changeEntity(call, found, (holder) => {
    const policies = { ...holder.policies, [policyName]: document };
    requireQuotaOfInlinePolicies(holder, policies);
    return { ...holder, policies };
  });
}

/**
 * Get…Policy.
 * @returns whose it is, in its own spelling, and the document as answers show it
 * @throws AccessDenied; NoSuchEntity
 */
export async function getInlinePolicy(
  call: IamCall,
  action: string,
  kind: Holder,
  name: string,
  policyName: string,
): Promise<{ holder: string; PolicyName: string; PolicyDocument: string }> {
  const holder = await authorizedEntity(call, action, kind, name);
  requireInlinePolicy(holder, policyName);
  return {
    holder: holder.name,
    PolicyName: policyName,
    PolicyDocument: encodedDocument(holder.policies[policyName] as string),
  };
}

/** List…Policies, by name. @throws AccessDenied; NoSuchEntity; ValidationError: marker */
export async function listInlinePolicies(
  call: IamCall,
  action: string,
  kind: Holder,
  name: string,
  input: ListInput,
): Promise<{ PolicyNames: string[] } & ListEnd> {
  const holder = await authorizedEntity(call, action, kind, name);
  const { items, ...end } = pageOfList(action, Object.keys(holder.policies).sort(), input, (policy) => policy);
  return { PolicyNames: items, ...end };
}

/** Delete…Policy. @throws AccessDenied; NoSuchEntity */
export async function deleteInlinePolicy(
  call: IamCall,
  action: string,
  kind: Holder,
  name: string,
  policyName: string,
): Promise<void> {
  const found = await authorizedEntity(call, action, kind, name);
  await changeEntity(call, found, (holder) => {
    requireInlinePolicy(holder, policyName);
    const policies = Object.entries(holder.policies).filter(([policy]) => policy !== policyName);
    return { ...holder, policies: Object.fromEntries(policies) };
  });
}

/** One's inline policies with their documents, as GetAccountAuthorizationDetails shows them. */
export function inlinePolicyDetails({ policies }: Pick<EntityOf<Holder>, "policies">) {
  return Object.keys(policies)
    .sort()
    .map((name) => ({ PolicyName: name, PolicyDocument: encodedDocument(policies[name] as string) }));
}

function requireInlinePolicy({ kind, policies }: EntityOf<Holder>, policyName: string): void {
  if (Object.hasOwn(policies, policyName)) return; // a policy may be called as a member of every object is
  throw noSuchEntity(`The ${kind} policy with name ${policyName} cannot be found.`);
}
