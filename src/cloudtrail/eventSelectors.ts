import type {
  AdvancedEventSelector,
  AdvancedFieldSelector,
  DataResource,
  EventSelector,
} from "@aws-sdk/client-cloudtrail";
import { InvalidEventSelectorsException } from "./errors.ts";
import type { TrailSelectors } from "./trail.ts";

/** What a trail without selectors of its own has: reference/cloudtrail.md §6. */
const DEFAULT_SELECTORS: readonly EventSelector[] = [
  { ReadWriteType: "All", IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
];

/** Limits: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */
const SELECTORS_MAX = 5;
const ADVANCED_VALUES_MAX = 500;
const DATA_RESOURCES_MAX = 250;

/** API_EventSelector, ExcludeManagementEventSources: the two that may be left out. */
const EXCLUDABLE: readonly string[] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/** The members of a record that selectors look at. */
export interface SelectedEvent {
  readonly eventSource: string;
  readonly eventName: string;
  readonly eventType: string;
  readonly eventCategory: string;
  readonly readOnly?: boolean;
  readonly sessionCredentialFromConsole?: string;
  readonly userIdentity: { readonly arn?: string };
}

/**
 * The selectors of PutEventSelectors, with defaults filled in. Only management events happen here: selectors of data
 * events are kept, and select nothing.
 * @throws InvalidEventSelectorsException
 */
export function givenSelectors(
  basic: readonly EventSelector[] | undefined,
  advanced: readonly AdvancedEventSelector[] | undefined,
): TrailSelectors {
  if ((basic === undefined) === (advanced === undefined)) {
    throw invalid("Specify either EventSelectors or AdvancedEventSelectors, and not both.");
  }
  if (basic !== undefined) return { kind: "basic", selectors: basicSelectors(basic) };
  return { kind: "advanced", selectors: advancedSelectors(advanced as readonly AdvancedEventSelector[]) };
}

/** As Get… and PutEventSelectors show them. @param selectors null for the default */
export function selectorsView(selectors: TrailSelectors | null) {
  if (selectors?.kind === "advanced") return { AdvancedEventSelectors: [...selectors.selectors] };
  return { EventSelectors: [...(selectors?.selectors ?? DEFAULT_SELECTORS)] };
}

/** Does a trail with these selectors deliver the event? @param selectors null for the default */
export function selects(selectors: TrailSelectors | null, event: SelectedEvent): boolean {
  if (selectors === null) return true;
  return selectors.kind === "basic"
    ? selectors.selectors.some((selector) => basicSelects(selector, event))
    : selectors.selectors.some(({ FieldSelectors = [] }) =>
        FieldSelectors.every((field) => fieldSelects(field, event)),
      );
}

function basicSelectors(given: readonly EventSelector[]): EventSelector[] {
  if (given.length < 1 || given.length > SELECTORS_MAX)
    throw invalid(`A trail has 1 to ${SELECTORS_MAX} event selectors.`);
  const resources = given.flatMap(({ DataResources = [] }) => DataResources.map(({ Values = [] }) => Values.length));
  if (resources.reduce((sum, count) => sum + count, 0) > DATA_RESOURCES_MAX) {
    throw invalid(`A trail has at most ${DATA_RESOURCES_MAX} data resources in all of its event selectors.`);
  }
  return given.map((selector) => {
    const excluded = selector.ExcludeManagementEventSources ?? [];
    const unknown = excluded.find((source) => !EXCLUDABLE.includes(source));
    if (unknown !== undefined) throw invalid(`The event source ${quoted(unknown)} cannot be excluded.`);
    for (const resource of selector.DataResources ?? []) requireDataResource(resource);
    return {
      ReadWriteType: selector.ReadWriteType ?? "All",
      IncludeManagementEvents: selector.IncludeManagementEvents ?? true,
      DataResources: selector.DataResources ?? [],
      ExcludeManagementEventSources: excluded,
    };
  });
}

/** API_DataResource: what basic event selectors may name. */
const DATA_RESOURCE_TYPES: readonly string[] = ["AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"];

function requireDataResource({ Type = "", Values = [] }: DataResource): void {
  if (!DATA_RESOURCE_TYPES.includes(Type)) throw invalid(`The data resource type ${quoted(Type)} is not valid.`);
  const wrong = Values.find((value) => !/^arn:aws[a-z-]*:(s3|lambda|dynamodb)/.test(value) || value.length > 2048);
  if (wrong !== undefined) throw invalid(`The data resource ${quoted(wrong)} is not valid.`);
}

function basicSelects(selector: EventSelector, event: SelectedEvent): boolean {
  if (!selector.IncludeManagementEvents) return false;
  if (selector.ExcludeManagementEventSources?.includes(event.eventSource)) return false;
  return selector.ReadWriteType === "All" || (selector.ReadWriteType === "ReadOnly") === (event.readOnly === true);
}

/** The fields of API_AdvancedFieldSelector, and what an event has there; undefined for those of data events alone. */
const FIELDS = new Map<string, (event: SelectedEvent) => string | undefined>([
  ["readOnly", ({ readOnly }) => (readOnly === undefined ? undefined : String(readOnly))],
  ["eventSource", ({ eventSource }) => eventSource],
  ["eventName", ({ eventName }) => eventName],
  ["eventCategory", ({ eventCategory }) => eventCategory],
  ["eventType", ({ eventType }) => eventType],
  ["userIdentity.arn", ({ userIdentity }) => userIdentity.arn],
  ["sessionCredentialFromConsole", ({ sessionCredentialFromConsole = "false" }) => sessionCredentialFromConsole],
  ["errorCode", () => undefined],
  ["vpcEndpointId", () => undefined],
  ["resources.type", () => undefined],
  ["resources.ARN", () => undefined],
]);

/** A list of values, and whether a field must have one of them or none. */
const OPERATORS = {
  Equals: { matches: (field: string, value: string) => field === value, wanted: true },
  StartsWith: { matches: (field: string, value: string) => field.startsWith(value), wanted: true },
  EndsWith: { matches: (field: string, value: string) => field.endsWith(value), wanted: true },
  NotEquals: { matches: (field: string, value: string) => field === value, wanted: false },
  NotStartsWith: { matches: (field: string, value: string) => field.startsWith(value), wanted: false },
  NotEndsWith: { matches: (field: string, value: string) => field.endsWith(value), wanted: false },
} as const;
type Operator = keyof typeof OPERATORS;
const operators = Object.keys(OPERATORS) as Operator[];

function advancedSelectors(given: readonly AdvancedEventSelector[]): AdvancedEventSelector[] {
  if (given.length < 1) throw invalid("At least one advanced event selector is needed.");
  let values = 0;
  for (const { FieldSelectors = [] } of given) {
    for (const field of FieldSelectors) {
      if (!FIELDS.has(field.Field ?? "")) throw invalid(`The field ${quoted(field.Field)} is not valid.`);
      const used = operators.filter((operator) => field[operator] !== undefined);
      if (used.length === 0) throw invalid(`The field selector of ${quoted(field.Field)} has no operator.`);
      for (const operator of used) values += (field[operator] as string[]).length;
    }
    const categories = FieldSelectors.filter(({ Field }) => Field === "eventCategory");
    if (categories.length !== 1 || categories[0]?.Equals?.length !== 1) {
      throw invalid("Each advanced event selector must have one field selector of eventCategory, with one Equals.");
    }
  }
  if (values > ADVANCED_VALUES_MAX)
    throw invalid(`A trail has at most ${ADVANCED_VALUES_MAX} values in its selectors.`);
  return [...given];
}

function fieldSelects(selector: AdvancedFieldSelector, event: SelectedEvent): boolean {
  const field = FIELDS.get(selector.Field ?? "")?.(event);
  return operators.every((operator) => {
    const { matches, wanted } = OPERATORS[operator];
    const values = selector[operator];
    return values === undefined || (field !== undefined && values.some((value) => matches(field, value))) === wanted;
  });
}

/** What a caller sent, short and on one line. */
const quoted = (text = "") => JSON.stringify(text.slice(0, 128));
const invalid = (message: string) => new InvalidEventSelectorsException(message);
