import type { Event, LookupAttribute, LookupEventsRequest, LookupEventsResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import {
  InvalidEventCategoryException,
  InvalidLookupAttributesException,
  InvalidMaxResultsException,
  InvalidTimeRangeException,
} from "../errors.ts";
import { LOOKUP_PERIOD } from "../indexer.ts";
import type { AttributeKey, EventQuery } from "../indexSearch.ts";
import type { FoundEvent } from "../journalIndex.ts";
import { openLookupToken, sealLookupToken } from "../lookupToken.ts";
import type { CloudTrailOperation } from "../operation.ts";

/** Also the most that may be asked for. */
const PAGE = 50;
/** Records of one answer, in UTF-16 units: a record may have hundreds of thousands. */
const ANSWER_LENGTH_MAX = 4 << 20;
/** How long an answer waits for what has just been written; milliseconds. AWS takes up to 15 minutes. */
const CATCH_UP_LIMIT = 1_000;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export const lookupEvents: CloudTrailOperation<LookupEventsRequest, LookupEventsResponse> = {
  name: "LookupEvents",
  async run(call, input) {
    authorize(call, "LookupEvents");
    const { cloudTrail, principal, region } = call;
    const { MaxResults = PAGE, NextToken, EventCategory } = input;
    const attributes = attributesOf(input.LookupAttributes ?? []);
    const { start, end } = timeRange(input);
    if (!(MaxResults >= 1 && MaxResults <= PAGE)) {
      throw new InvalidMaxResultsException(`MaxResults is ${MaxResults}: it must be from 1 to ${PAGE}.`);
    }
    if (EventCategory !== undefined && EventCategory !== "insight") {
      throw new InvalidEventCategoryException("The only event category that can be specified is insight.");
    }
    const question = [attributes, start, end, EventCategory];
    const before = NextToken === undefined ? undefined : await openLookupToken(call, question, NextToken);
    // Insights events come of analyses that this service does not make.
    if (EventCategory === "insight") return { Events: [] };
    const oldest = Math.floor(cloudTrail.clock() / 1000) - LOOKUP_PERIOD;
    const query: EventQuery = {
      account: principal.account,
      region,
      attributes,
      from: Math.max(Math.ceil((start ?? 0) / 1000), oldest),
      through: end === undefined ? undefined : Math.floor(end / 1000),
    };
    if (before === undefined) await cloudTrail.lookup.catchUp(CATCH_UP_LIMIT);
    const page = await cloudTrail.lookup.find(query, MaxResults, before);
    const events = thatFit(page.events);
    const next = events.length < page.events.length ? events.at(-1)?.id : page.next;
    return {
      Events: events.map(answered),
      NextToken: next === undefined ? undefined : sealLookupToken(call, question, next),
    };
  },
};

const KEYS: Readonly<Record<AttributeKey, true>> = {
  EventId: true,
  EventName: true,
  ReadOnly: true,
  Username: true,
  ResourceType: true,
  ResourceName: true,
  EventSource: true,
  AccessKeyId: true,
};
const VALUE_LENGTH_MAX = 2000;
/** "count as two characters towards the 2000 character limit" */
const COUNT_TWICE = /[_ ,\n]/g;

function attributesOf(attributes: readonly LookupAttribute[]): EventQuery["attributes"] {
  if (attributes.length > 1) {
    throw new InvalidLookupAttributesException("Specify at most one lookup attribute.");
  }
  return attributes.map(({ AttributeKey: key = "", AttributeValue: value = "" }) => {
    if (!Object.hasOwn(KEYS, key)) {
      throw new InvalidLookupAttributesException(
        `The lookup attribute must be one of ${Object.keys(KEYS).join(", ")}.`,
      );
    }
    const length = value.length + (value.match(COUNT_TWICE)?.length ?? 0);
    if (length < 1 || length > VALUE_LENGTH_MAX) {
      throw new InvalidLookupAttributesException(
        `The value of a lookup attribute has from 1 to ${VALUE_LENGTH_MAX} characters, of which underscores, spaces, commas and line feeds count twice.`,
      );
    }
    return [key as AttributeKey, value];
  });
}

/** milliseconds since the epoch */
function timeRange({ StartTime, EndTime }: LookupEventsRequest): {
  start?: number | undefined;
  end?: number | undefined;
} {
  const [start, end] = [StartTime?.getTime(), EndTime?.getTime()];
  if (start !== undefined && end !== undefined && start > end) {
    throw new InvalidTimeRangeException("The start time is after the end time.");
  }
  return { start, end };
}

/** As many as one answer has room for; one, whatever its length. */
function thatFit(events: readonly FoundEvent[]): readonly FoundEvent[] {
  let length = 0;
  const end = events.findIndex(({ record }, i) => {
    length += record.length;
    return i > 0 && length > ANSWER_LENGTH_MAX;
  });
  return end === -1 ? events : events.slice(0, end);
}

function answered({ event, record }: FoundEvent): Event {
  return {
    EventId: event.eventId,
    EventName: event.eventName,
    ReadOnly: event.readOnly,
    AccessKeyId: event.accessKeyId,
    EventTime: new Date(event.second * 1000),
    EventSource: event.eventSource,
    Username: event.username,
    Resources: event.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: record,
  };
}
