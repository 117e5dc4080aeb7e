import { compilePolicy } from "../policy/document.ts";
import { isUniqueId, resolvedPrincipal } from "../policy/principalForm.ts";
import { MalformedPolicyDocumentException } from "./errors.ts";
import type { Directory, Kms } from "./operation.ts";
import { type ParsedKeyPolicy, parseKeyPolicy, printPolicy } from "./policyDocument.ts";

/**
 * A key policy as it is stored: the users and roles that it names stand in it by their unique ids, so that a new user of
 * an old name is another. Whoever is named must exist.
 * @param former the policy that it takes the place of: names of the deleted may stay
 * @throws MalformedPolicyDocumentException, LimitExceededException
 */
export async function resolveKeyPolicy(
  { identities }: Pick<Kms, "identities">,
  text: string,
  former?: string,
): Promise<ParsedKeyPolicy> {
  const parsed = parseKeyPolicy(text);
  const document = JSON.parse(parsed.text);
  const mayStay = (id: string) => former?.includes(`"${id}"`) === true;
  await mapPrincipals(
    document,
    async (principal) => (await resolvedPrincipal(identities, principal, mayStay)) ?? invalid(),
  );
  const stored = printPolicy(document);
  return { text: stored, policy: compilePolicy(stored, "resource") };
}

/** A stored key policy as GetKeyPolicy shows it: users and roles by the ARNs they have now; those that are no more by their ids. */
export async function shownKeyPolicy(identities: Directory, stored: string): Promise<string> {
  if (!/"A(?:IDA|ROA)[A-Z2-7]{17}"/.test(stored)) return stored;
  const document = JSON.parse(stored);
  await mapPrincipals(document, async (principal) =>
    isUniqueId(principal) ? ((await identities.principalArn(principal)) ?? principal) : principal,
  );
  return printPolicy(document);
}

interface Statement {
  Principal?: unknown;
  NotPrincipal?: unknown;
}

/** Puts what `map` gives in the place of each AWS principal of a policy, one after the other. */
async function mapPrincipals(
  document: { Statement: Statement | Statement[] },
  map: (principal: string) => Promise<string>,
): Promise<void> {
  for (const statement of [document.Statement].flat()) {
    for (const element of ["Principal", "NotPrincipal"] as const) {
      const principals = statement[element];
      if (typeof principals !== "object" || principals === null || !("AWS" in principals)) continue;
      const { AWS: names } = principals as { AWS: string | string[] };
      const mapped: string[] = [];
      for (const name of [names].flat()) mapped.push(await map(name));
      (principals as { AWS: string | string[] }).AWS = Array.isArray(names) ? mapped : (mapped[0] as string);
    }
  }
}

function invalid(): never {
  throw new MalformedPolicyDocumentException("Policy contains a statement with one or more invalid principals.");
}
