import { addDomainKeys } from "../hsm/domainKeys.ts";
import { InvalidNextTokenException } from "./errors.ts";
import type { CloudTrailCall } from "./operation.ts";

const PURPOSE = "lookup";
/** What questions may have is bounded; so are the tokens that hold them. Characters. */
const TOKEN_LENGTH_MAX = 32_768;

/**
 * Where a lookup goes on. The token is good for whoever was given it and for the same question, as AWS has it.
 * @param question what JSON can say of it
 */
export function sealLookupToken(call: CloudTrailCall, question: unknown, before: number): string {
  const claims = JSON.stringify([before, asked(call, question)]);
  return call.cloudTrail.hsm.sealToken(PURPOSE, Buffer.from(claims, "utf8")).toString("base64url");
}

/** @throws InvalidNextTokenException for what is no token of this service, or not for this caller and question */
export async function openLookupToken(call: CloudTrailCall, question: unknown, text: string): Promise<number> {
  const { hsm, store } = call.cloudTrail;
  if (text.length > TOKEN_LENGTH_MAX) throw invalid();
  const token = Buffer.from(text, "base64url");
  const domainKey = token.toString("base64url") === text ? hsm.tokenDomainKey(token) : undefined;
  if (domainKey === undefined) throw invalid();
  if (!hsm.hasDomainKey(domainKey)) await addDomainKeys(store, hsm);
  const claims = hsm.openToken(PURPOSE, token);
  if (claims === undefined) throw invalid();
  const [before, of] = JSON.parse(claims.toString("utf8"));
  if (of !== asked(call, question)) throw invalid();
  return before;
}

function asked({ principal, region }: CloudTrailCall, question: unknown): string {
  return JSON.stringify([principal.arn, region, question]);
}

function invalid(): InvalidNextTokenException {
  return new InvalidNextTokenException("The token is not valid, or was given for another request.");
}
