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
  const second = typeof eventTime === "string" ? Date.parse(eventTime) / 1000 : Number.NaN;
  if (
    !Number.isInteger(second) ||
    second < 0 ||
    second > SECOND_MAX ||
    !isName(eventID) ||
    !isName(eventName) ||
    !isName(eventSource) ||
    !isName(awsRegion) ||
    !isName(recipientAccountId)
  ) {
    return undefined;
  }
  const identity = membersOf(userIdentity);
  return {
    eventId: eventID,
    second,
    eventName,
    eventSource,
    readOnly: typeof readOnly === "boolean" ? `${readOnly}` : undefined,
    username: username(identity),
    accessKeyId: isName(identity.accessKeyId) ? identity.accessKeyId : undefined,
    resources: resourcesOf(event, eventSource),
    failed: event.errorCode !== undefined || event.errorMessage !== undefined,
    account: recipientAccountId,
    region: awsRegion,
  };
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

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= VALUE_LENGTH_MAX;
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

/** What the record lists, and what its request and its answer name. Keys and aliases are always listed. */
function resourcesOf(event: Members, source: string): NamedThing[] {
  const found = new Map<string, NamedThing>();
  const add = (type: unknown, name: unknown) => {
    if (isName(type) && isName(name) && found.size < RESOURCES_MAX) found.set(`${type} ${name}`, { type, name });
  };
  if (Array.isArray(event.resources)) {
    for (const resource of event.resources) add(membersOf(resource).type, membersOf(resource).ARN);
  }
  if (source !== "kms.amazonaws.com") {
    const answer = membersOf(event.responseElements);
    const parameters = membersOf(event.requestParameters);
    for (const members of [parameters, answer, ...Object.values(answer).map(membersOf)]) {
      for (const member of Object.keys(members)) {
        if (Object.hasOwn(NAMING, member)) add(NAMING[member], members[member]);
      }
    }
    if (source === "cloudtrail.amazonaws.com") add("AWS::CloudTrail::Trail", parameters.name);
  }
  return [...found.values()];
}

const KMS_ARN = /^arn:[^:]+:kms:[^:]*:\d{12}:(?:key\/)?(.+)$/;

/** A key is found by its id as by its ARN, an alias by its name: what both have in common. */
export function resourceListName(name: string): string {
  return KMS_ARN.exec(name)?.[1] ?? name;
}

/** The lists that an event stands in, save `EventIdEnd`; each once. */
export function listsOf(event: SearchableEvent): (readonly [Kind, string])[] {
  const { readOnly, username, accessKeyId, resources } = event;
  const lists: [Kind, string][] = [
    ["Any", ""],
    ["EventName", event.eventName],
    ["EventSource", event.eventSource],
  ];
  if (readOnly !== undefined) lists.push(["ReadOnly", readOnly]);
  if (username !== undefined) lists.push(["Username", username]);
  if (accessKeyId !== undefined) lists.push(["AccessKeyId", accessKeyId]);
  if (event.failed) lists.push(["Failed", ""]);
  if (resources.length === 1) {
    const { type, name } = resources[0] as NamedThing;
    lists.push(["ResourceType", type], ["ResourceName", resourceListName(name)]);
  } else if (resources.length > 1) {
    for (const type of new Set(resources.map(({ type }) => type))) lists.push(["ResourceType", type]);
    for (const name of new Set(resources.map(({ name }) => resourceListName(name)))) {
      lists.push(["ResourceName", name]);
    }
  }
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
