import { randomUUID } from "node:crypto";
import { forwarded } from "./forwarded.ts";
import { kmsElements } from "./kmsElements.ts";
import { queryElements } from "./queryElements.ts";
import { commonParts, recordLine } from "./record.ts";
import { type Elements, errorCode, type FinishedRequest, type Resource } from "./request.ts";
import { type ServiceEvent, serviceRecord, synchronizations } from "./serviceEvent.ts";
import { identityOf, type UserIdentity, webIdentity } from "./userIdentity.ts";

/**
 * The CloudTrail records of a request: one for the caller's account, one for each other account whose key or role was
 * used, one more for each other Region that the request changed, and those of what it brought about: a rotation, and the
 * change of replicas. None when nobody is known to have asked: the caller of an unsigned operation is known once its token was found good, which is when
 * there is an output.
 * @param newId makes event ids
 * @returns each one line of JSON, without a line end
 */
export function recordsOf(finished: FinishedRequest, newId: () => string = randomUUID): string[] {
  const identity = callerOf(finished);
  if (identity === undefined) return [];
  const records = recordsInRegion(finished, identity, newId);
  for (const request of forwarded(finished)) records.push(...recordsInRegion(request, identity, newId));
  if (finished.error === undefined) {
    for (const event of broughtAbout(finished)) records.push(serviceRecord(event, newId));
  }
  return records;
}

/** What KMS did by itself on the request's account. */
function broughtAbout({ touched, at }: FinishedRequest): readonly ServiceEvent[] {
  const { rotation, synchronized, keys } = touched;
  if (rotation === undefined && synchronized === undefined) return NOTHING;
  const events: ServiceEvent[] = [];
  const [key] = keys;
  if (rotation !== undefined && key !== undefined) {
    const of = { ...key.record, arn: key.arn };
    events.push({ name: "RotateKey", key: of, at, rotationType: "ON_DEMAND", ...rotation });
  }
  if (synchronized !== undefined) events.push(...synchronizations(synchronized, at));
  return events;
}

const NOTHING: readonly ServiceEvent[] = [];

function recordsInRegion(given: FinishedRequest, identity: UserIdentity, newId: () => string): string[] {
  const finished = given.service === "iam" && given.region !== IAM_REGION ? { ...given, region: IAM_REGION } : given;
  const { service, error, invokedBy } = finished;
  const elements = service === "kms" ? kmsElements(finished) : queryElements(service, finished);
  const code = error && errorCode(error);
  const parts = commonParts(finished, elements, code);
  const others = isOnRecordElsewhere(service, code) ? otherAccounts(elements, identity.account) : NOBODY;
  const sharedEventId = others.length === 0 ? undefined : newId();
  const records = [
    recordLine(parts, elements.readOnly, {
      account: identity.account,
      identity: invokedBy === undefined ? identity.json : invoked(identity.json, invokedBy),
      resources: elements.resources,
      eventId: eventIdOf(finished, identity.account) ?? newId(),
      sharedEventId,
    }),
  ];
  for (const account of others) {
    const record = recordLine(parts, elements.readOnly, {
      account,
      identity: identity.foreignJson,
      // Of a request that is about keys of several owners, each sees its own.
      resources: elements.resources.filter((resource) => resource.account === account),
      eventId: eventIdOf(finished, account) ?? newId(),
      sharedEventId,
    });
    records.push(record);
  }
  return records;
}

/** The id that the account was told, or will be, by GetKeyLastUsage. */
function eventIdOf({ touched: { eventIds } }: FinishedRequest, account: string): string | undefined {
  return eventIds?.find((event) => event.account === account)?.id;
}

/** All of IAM is one Region's. */
const IAM_REGION = "us-east-1";

function callerOf({ principal, input, output, error }: FinishedRequest): UserIdentity | undefined {
  if (principal !== undefined) return identityOf(principal);
  if (error !== undefined) return undefined;
  const { RoleArn } = (input ?? {}) as { RoleArn?: string };
  const { Provider, Audience, SubjectFromWebIdentityToken } = (output ?? {}) as Readonly<
    Record<string, string | undefined>
  >;
  const account = RoleArn?.split(":")[4];
  if (account === undefined || Provider === undefined) return undefined;
  return webIdentity(account, Provider, Audience ?? "", SubjectFromWebIdentityToken ?? "");
}

/**
 * What is denied is on record where the caller is, and nowhere else (KMS Developer Guide, "Logging AWS KMS API calls"). A
 * role that was not assumed is only a name that somebody wrote down: nobody may fill another's trail with that.
 */
function isOnRecordElsewhere(service: FinishedRequest["service"], code: string | undefined): boolean {
  return code === undefined || (service === "kms" && code !== "AccessDenied");
}

const NOBODY: readonly string[] = [];

function otherAccounts({ resources }: Elements, account: string): readonly string[] {
  const foreign = (resource: Resource) => resource.account !== account;
  return resources.some(foreign) ? [...new Set(resources.filter(foreign).map((resource) => resource.account))] : NOBODY;
}

/** The caller's identity in a call that a service makes in its name. */
function invoked(identity: string, service: string): string {
  return `${identity.slice(0, -1)},"invokedBy":${JSON.stringify(service)}}`;
}
