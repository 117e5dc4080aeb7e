import type { Principal } from "../iam/principal.ts";
import type { ContextValue } from "./context.ts";

/** How a request came. */
export interface Connection {
  readonly sourceIp: string | undefined;
  readonly secure: boolean;
  /** @param name in lower case */
  header(name: string): string | undefined;
}

/** What is known of every request, whatever its operation. */
export interface RequestFacts {
  readonly principal: Principal;
  /** of the service that is asked; `us-east-1` for IAM */
  readonly region: string;
  readonly connection: Connection;
  /** milliseconds since the epoch */
  readonly now: number;
}

const TYPES = { root: "Account", user: "User", role: "AssumedRole", federated: "FederatedUser" } as const;
const PRINCIPAL_TAG = "aws:principaltag/";

/**
 * What a request says to conditions by itself, by the condition key in lower case:
 * reference/policy-language.md §4.1 and §4.2.
 */
export function globalCondition(facts: RequestFacts, name: string): ContextValue | undefined {
  const { principal, now } = facts;
  const { session } = principal;
  switch (name) {
    case "aws:principalarn":
      return principal.principalArn;
    case "aws:principalaccount":
      return principal.account;
    case "aws:principaltype":
      return TYPES[principal.type];
    case "aws:principalisawsservice":
    case "aws:viaawsservice":
      return "false";
    case "aws:userid":
      return principal.userId;
    case "aws:username":
      return principal.type === "user" ? principal.entity?.name : undefined;
    case "aws:tokenissuetime":
      return session && new Date(session.issuedAt).toISOString();
    case "aws:multifactorauthpresent":
      return session?.mfaAt === undefined ? undefined : String(session.mfaAt !== null);
    case "aws:multifactorauthage":
      return session?.mfaAt ? String(Math.floor((now - session.mfaAt) / 1000)) : undefined;
    case "aws:sourceidentity":
      return session?.sourceIdentity;
    case "aws:federatedprovider":
      return session?.provider;
    default:
      if (name.startsWith(PRINCIPAL_TAG)) {
        const wanted = name.slice(PRINCIPAL_TAG.length);
        return principal.tags.find(({ Key }) => Key.toLowerCase() === wanted)?.Value;
      }
      return connectionCondition(facts, name) ?? claim(session?.claims, name);
  }
}

/** The same of requests that nobody has signed. */
export function connectionCondition(
  { region, connection, now }: Omit<RequestFacts, "principal">,
  name: string,
): ContextValue | undefined {
  switch (name) {
    case "aws:requestedregion":
      return region;
    case "aws:currenttime":
      return new Date(now).toISOString();
    case "aws:epochtime":
      return String(Math.floor(now / 1000));
    case "aws:securetransport":
      return String(connection.secure);
    case "aws:sourceip":
      return connection.sourceIp;
    case "aws:useragent":
      return connection.header("user-agent");
    case "aws:referer":
      return connection.header("referer");
    default:
      return undefined;
  }
}

function claim(claims: Readonly<Record<string, ContextValue>> | undefined, name: string): ContextValue | undefined {
  return claims !== undefined && Object.hasOwn(claims, name) ? claims[name] : undefined;
}
