import { SECOND_MAX } from "./eventTimeId.ts";

/** What a CloudTrail record is found by, and what LookupEvents tells beside it: reference/cloudtrail.md §6. */
export interface SearchableEvent {
  readonly eventId: string;
  /** eventTime, which has no fractions: seconds since the epoch */
  readonly second: number;
  readonly eventName: string;
  readonly eventSource: string;
  readonly readOnly: "true" | "false" | undefined;
  readonly username: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly resources: readonly NamedThing[];
  readonly failed: boolean;
  /** recipientAccountId and awsRegion: who may look it up, and where */
  readonly account: string;
  readonly region: string;
}

export interface NamedThing {
  readonly type: string;
  /** an ARN, or a name */
  readonly name: string;
}

/**
 * What the index keeps lists by. The names are those of LookupEvents' attribute keys; `Any` lists an account's events in
 * a Region, `Failed` those among them that have an error, `EventIdEnd` those whose id does not say where they stand.
 */
export const KINDS = {
  Any: 0,
  EventName: 1,
  ReadOnly: 2,
  Username: 3,
  ResourceType: 4,
  ResourceName: 5,
  EventSource: 6,
  AccessKeyId: 7,
  Failed: 8,
  EventIdEnd: 9,
} as const;
export type Kind = keyof typeof KINDS;

/** As LookupAttributeValue's; what is longer cannot be asked for. UTF-16 units. */
const VALUE_LENGTH_MAX = 2000;
/** The service's own records name a few; somebody else's journal shall not make a list of millions. */
const RESOURCES_MAX = 100;

type Members = Readonly<Record<string, unknown>>;

/** @param record a CloudTrail record as JSON; undefined where it lacks what every record has */
export function searchableEvent(record: string): SearchableEvent | undefined {
  const event = parse(record);
  if (event === undefined) return undefined;
  const { eventID, eventTime, eventName, eventSource, awsRegion, recipientAccountId, readOnly, userIdentity } = event;
  const second = secondOf(eventTime);
  if (
    second === undefined ||
    !isName(eventID) ||
    !isName(eventName) ||
    !isName(eventSource) ||
    !isName(awsRegion) ||
    !isName(recipientAccountId)
  ) {
    return undefined;
  }
  return {
    eventId: eventID,
    second,
    eventName,
    eventSource,
    readOnly: readOnlyText(readOnly),
    ...callerNames(userIdentity),
    resources: resourcesOf(event, eventSource),
    failed: event.errorCode !== undefined || event.errorMessage !== undefined,
    account: recipientAccountId,
    region: awsRegion,
  };
}

/** @param eventTime as it stands in the record. Seconds since the epoch; undefined where it is no time that has a number. */
export function secondOf(eventTime: unknown): number | undefined {
  const second = typeof eventTime === "string" ? Date.parse(eventTime) / 1000 : Number.NaN;
  return Number.isInteger(second) && second >= 0 && second <= SECOND_MAX ? second : undefined;
}

function parse(record: string): Members | undefined {
  try {
    const value = JSON.parse(record);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const NO_MEMBERS: Members = {};

function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null ? (value as Members) : NO_MEMBERS;
}

/** Whether it is a text that can be searched for. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= VALUE_LENGTH_MAX;
}

/** @param readOnly as it stands in the record */
export function readOnlyText(readOnly: unknown): SearchableEvent["readOnly"] {
  return typeof readOnly === "boolean" ? `${readOnly}` : undefined;
}

/** @param userIdentity as it stands in the record */
export function callerNames(userIdentity: unknown): Pick<SearchableEvent, "username" | "accessKeyId"> {
  const identity = membersOf(userIdentity);
  const { accessKeyId } = identity;
  return { username: username(identity), accessKeyId: isName(accessKeyId) ? accessKeyId : undefined };
}

/** The user's name; the session's, of roles and federated users; `root`; services, and callers of other accounts, have none. */
function username({ type, userName, principalId }: Members): string | undefined {
  if (type === "Root") return "root";
  if (type === "IAMUser" || type === "WebIdentityUser") return isName(userName) ? userName : undefined;
  if (type !== "AssumedRole" && type !== "FederatedUser") return undefined;
  const session = typeof principalId === "string" ? principalId.slice(principalId.indexOf(":") + 1) : "";
  return isName(session) ? session : undefined;
}

/** Parameters of IAM, STS and CloudTrail that name something. */
const NAMING: Readonly<Record<string, string>> = {
  userName: "AWS::IAM::User",
  newUserName: "AWS::IAM::User",
  groupName: "AWS::IAM::Group",
  newGroupName: "AWS::IAM::Group",
  roleName: "AWS::IAM::Role",
  policyArn: "AWS::IAM::Policy",
  policyName: "AWS::IAM::Policy",
  instanceProfileName: "AWS::IAM::InstanceProfile",
  accessKeyId: "AWS::IAM::AccessKey",
  roleSessionName: "AWS::STS::AssumedRole",
  assumedRoleId: "AWS::STS::AssumedRole",
};

/** Things, each once. */
class Named {
  readonly #found = new Map<string, NamedThing>();

  add(type: unknown, name: unknown): void {
    if (isName(type) && isName(name) && this.#found.size < RESOURCES_MAX)
      this.#found.set(`${type} ${name}`, { type, name });
  }

  addListed(resources: unknown): void {
    if (!Array.isArray(resources)) return;
    for (const resource of resources) this.add(membersOf(resource).type, membersOf(resource).ARN);
  }

  all(): NamedThing[] {
    return [...this.#found.values()];
  }
}

/** @param resources as they stand in the record: all that one of KMS names. Keys and aliases are always listed. */
export function listedResources(resources: unknown): NamedThing[] {
  const named = new Named();
  named.addListed(resources);
  return named.all();
}

/** What the record lists, and what its request and its answer name. */
function resourcesOf(event: Members, source: string): NamedThing[] {
  if (source === "kms.amazonaws.com") return listedResources(event.resources);
  const named = new Named();
  named.addListed(event.resources);
  const answer = membersOf(event.responseElements);
  const parameters = membersOf(event.requestParameters);
  for (const members of [parameters, answer, ...Object.values(answer).map(membersOf)]) {
    for (const member of Object.keys(members)) {
      if (Object.hasOwn(NAMING, member)) named.add(NAMING[member], members[member]);
    }
  }
  if (source === "cloudtrail.amazonaws.com") named.add("AWS::CloudTrail::Trail", parameters.name);
  return named.all();
}

const KMS_ARN = /^arn:[^:]+:kms:[^:]*:\d{12}:(?:key\/)?(.+)$/;

/** A key is found by its id as by its ARN, an alias by its name: what both have in common. */
export function resourceListName(name: string): string {
  return KMS_ARN.exec(name)?.[1] ?? name;
}

/** A list's kind, and its value. */
export type ListName = readonly [Kind, string];

/** The lists that an event stands in, save `EventIdEnd` and those of its resources; each once. */
export function listsOfCall({
  eventName,
  eventSource,
  readOnly,
  username,
  accessKeyId,
  failed,
}: SearchableEvent): ListName[] {
  const lists: ListName[] = [
    ["Any", ""],
    ["EventName", eventName],
    ["EventSource", eventSource],
  ];
  if (readOnly !== undefined) lists.push(["ReadOnly", readOnly]);
  if (username !== undefined) lists.push(["Username", username]);
  if (accessKeyId !== undefined) lists.push(["AccessKeyId", accessKeyId]);
  if (failed) lists.push(["Failed", ""]);
  return lists;
}

/** The lists that an event with these resources stands in; each once. */
export function listsOfResources(resources: readonly NamedThing[]): ListName[] {
  const lists: ListName[] = [];
  for (const type of new Set(resources.map(({ type }) => type))) lists.push(["ResourceType", type]);
  for (const name of new Set(resources.map(({ name }) => resourceListName(name)))) lists.push(["ResourceName", name]);
  return lists;
}

/** Whether the event has the attribute of LookupEvents. A resource is meant by its ARN alone, if it is given one. */
export function hasAttribute(event: SearchableEvent, key: string, value: string): boolean {
  switch (key) {
    case "EventId":
      return event.eventId === value;
    case "EventName":
      return event.eventName === value;
    case "EventSource":
      return event.eventSource === value;
    case "ReadOnly":
      return event.readOnly === value;
    case "Username":
      return event.username === value;
    case "AccessKeyId":
      return event.accessKeyId === value;
    case "ResourceType":
      return event.resources.some(({ type }) => type === value);
    case "ResourceName":
      return event.resources.some(({ name }) => name === value || resourceListName(name) === value);
    default:
      return false;
  }
}
