import { quoted } from "./elements.ts";
import type { ConnectionFacts, Elements, FinishedRequest, Resource } from "./request.ts";
import { eventTime, type UserIdentity } from "./userIdentity.ts";

/** Clients compare the major part. */
const VERSION = "1.11";

/** Of userAgent, errorCode, errorMessage and the Host header; bytes. */
const TEXT_LIMIT = 1024;

/** What the records of one request have in common, whoever gets them. */
export interface CommonParts {
  /** from eventTime to requestID */
  readonly middle: string;
  /** eventCategory and what follows */
  readonly end: string;
}

/** @param code what the record calls the error; undefined on success */
export function commonParts(finished: FinishedRequest, elements: Elements, code: string | undefined): CommonParts {
  const { service, operation, region, requestId, at, connection, error } = finished;
  let middle = `,"eventTime":"${eventTime(at)}","eventSource":"${service}.amazonaws.com","eventName":${text(operation)},"awsRegion":${text(region)},"sourceIPAddress":${text(connection.sourceIp ?? "unknown")}`;
  if (connection.userAgent !== undefined) middle += `,"userAgent":${agentText(connection.userAgent)}`;
  if (code !== undefined) middle += `,"errorCode":${text(code)}`;
  if (error !== undefined && error.message !== "") middle += `,"errorMessage":${text(error.message)}`;
  middle += `,"requestParameters":${elements.requestParameters},"responseElements":${elements.responseElements}`;
  if (elements.additionalEventData !== undefined) middle += `,"additionalEventData":${elements.additionalEventData}`;
  middle += `,"requestID":${text(requestId)}`;
  return { middle, end: `,"eventCategory":"Management"${tlsDetails(connection)}}` };
}

function tlsDetails({ tls, host }: ConnectionFacts): string {
  if (tls === undefined) return "";
  const { version, cipherSuite, keyExchange } = tls;
  let json = `,"tlsDetails":{"tlsVersion":${text(version)},"cipherSuite":${text(cipherSuite)}`;
  if (host !== undefined) json += `,"clientProvidedHostHeader":${text(host)}`;
  if (keyExchange !== undefined) json += `,"keyExchange":${text(keyExchange)}`;
  return `${json}}`;
}

/** One account's record of a request. */
export interface Recipient {
  readonly account: string;
  /** the userIdentity element, as this account may see it */
  readonly identity: string;
  readonly resources: readonly Resource[];
  readonly eventId: string;
  /** the same in all accounts; undefined when there is only one */
  readonly sharedEventId: string | undefined;
}

/** A record in AWS's order of fields: reference/cloudtrail.md §1. */
export function recordLine({ middle, end }: CommonParts, readOnly: boolean, recipient: Recipient): string {
  const { account, identity, resources, eventId, sharedEventId } = recipient;
  let json = `{"eventVersion":"${VERSION}","userIdentity":${identity}${middle},"eventID":"${eventId}","readOnly":${readOnly}`;
  json += resourceList(resources);
  json += `,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":${text(account)}`;
  if (sharedEventId !== undefined) json += `,"sharedEventID":"${sharedEventId}"`;
  return json + end;
}

const listed = new WeakMap<readonly Resource[], string>();

/** A key's own list is the same each time it is used, and is written once. */
function resourceList(resources: readonly Resource[]): string {
  if (resources.length === 0) return "";
  let json = listed.get(resources);
  if (json === undefined) {
    json = `,"resources":[${resources.map((resource) => resource.json).join()}]`;
    listed.set(resources, json);
  }
  return json;
}

/** What KMS did by itself, as a record. */
export interface OwnEvent {
  readonly eventName: string;
  readonly at: number;
  readonly region: string;
  readonly identity: UserIdentity;
  readonly eventType: "AwsServiceEvent" | "AwsApiCall";
  /** JSON */
  readonly responseElements: string;
  readonly requestId: string | undefined;
  readonly eventId: string;
  readonly resource: Resource;
  /** JSON */
  readonly details: string | undefined;
}

export function ownEventLine(event: OwnEvent): string {
  const { identity, requestId, details } = event;
  let json = `{"eventVersion":"${VERSION}","userIdentity":${identity.json},"eventTime":"${eventTime(event.at)}","eventSource":"kms.amazonaws.com","eventName":"${event.eventName}","awsRegion":${text(event.region)},"sourceIPAddress":"AWS Internal","userAgent":"AWS Internal","requestParameters":null,"responseElements":${event.responseElements}`;
  if (requestId !== undefined) json += `,"requestID":"${requestId}"`;
  json += `,"eventID":"${event.eventId}","readOnly":false,"resources":[${event.resource.json}],"eventType":"${event.eventType}","managementEvent":true,"recipientAccountId":${text(identity.account)}`;
  if (details !== undefined) json += `,"serviceEventDetails":${details}`;
  return `${json},"eventCategory":"Management"}`;
}

let lastAgent = "";
let lastAgentText = text(lastAgent);

/** What a client says of itself is long, and mostly what was said in the request before. */
function agentText(userAgent: string): string {
  if (userAgent !== lastAgent) {
    lastAgentText = text(userAgent);
    lastAgent = userAgent;
  }
  return lastAgentText;
}

/** A string as JSON, cut where it exceeds 1 KB. */
function text(value: string): string {
  return quoted(value.length * 3 <= TEXT_LIMIT ? value : cut(value));
}

const encoder = new TextEncoder();
const room = new Uint8Array(TEXT_LIMIT);

/** As many whole characters as 1 KB of UTF-8 has room for. */
function cut(value: string): string {
  return value.slice(0, encoder.encodeInto(value, room).read);
}
