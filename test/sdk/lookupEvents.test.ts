import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CloudTrailClient,
  type Event,
  LookupEventsCommand,
  type LookupEventsCommandInput,
  paginateLookupEvents,
} from "@aws-sdk/client-cloudtrail";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import { A, type Keys, makeWorld, newUser, policy, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";
import { until } from "../process.ts";

let world: World;
let key: string;
let bob: { arn: string; keys: Keys };
let denied: { arn: string; keys: Keys };
const clients: CloudTrailClient[] = [];

function trail(keys: Keys, region = "us-east-1"): CloudTrailClient {
  const client = new CloudTrailClient({ endpoint: world.server.endpoint, region, credentials: keys, maxAttempts: 1 });
  clients.push(client);
  return client;
}

before(async () => {
  world = await makeWorld();
  const root = world.kms(world.rootOf.A);
  key = (await root.send(new kms.CreateKeyCommand({}))).KeyMetadata?.Arn as string;
  bob = await newUser(world, world.rootOf.A, "bob");
  denied = await newUser(world, world.rootOf.A, "denied");
  await world.iam(world.rootOf.A).send(
    new iam.PutUserPolicyCommand({
      UserName: "bob",
      PolicyName: "p",
      PolicyDocument: policy({
        Effect: "Allow",
        Action: ["kms:GenerateDataKey", "cloudtrail:LookupEvents"],
        Resource: "*",
      }),
    }),
  );
  for (let i = 0; i < 60; i++) {
    await world.kms(bob.keys).send(new kms.GenerateDataKeyCommand({ KeyId: key, KeySpec: "AES_256" }));
  }
  await failure(world.kms(denied.keys).send(new kms.GenerateDataKeyCommand({ KeyId: key, KeySpec: "AES_256" })));
  await world.kms(world.rootOf.B).send(new kms.CreateKeyCommand({}));
  await foundSoon(world.rootOf.B, attribute("EventName", "CreateKey"));
});
after(async () => {
  for (const client of clients) client.destroy();
  await world.stop();
});

const lookup = (keys: Keys, input: LookupEventsCommandInput = {}, region?: string) =>
  trail(keys, region).send(new LookupEventsCommand(input));

const attribute = (AttributeKey: string, AttributeValue: string): LookupEventsCommandInput => ({
  LookupAttributes: [{ AttributeKey: AttributeKey as "EventName", AttributeValue }],
});

/** What has happened is found at once, or a little later on a machine that has other things to do. */
async function foundSoon(keys: Keys, input: LookupEventsCommandInput): Promise<Event> {
  let found: Event | undefined;
  await until(
    async () => {
      found = (await lookup(keys, input)).Events?.[0];
      return found !== undefined;
    },
    `${JSON.stringify(input)} is found`,
  );
  return found!;
}

async function allEvents(keys: Keys, input: LookupEventsCommandInput, region?: string): Promise<Event[]> {
  const events: Event[] = [];
  for await (const page of paginateLookupEvents({ client: trail(keys, region) }, input))
    events.push(...(page.Events ?? []));
  return events;
}

test("by each attribute: exactly the events that have it, newest first", async () => {
  const mine = await allEvents(world.rootOf.A, attribute("Username", "bob"));
  assert.equal(mine.length, 60);
  const first = mine[0]!;
  const record = JSON.parse(first.CloudTrailEvent!);
  assert.deepEqual(
    { ...first, CloudTrailEvent: undefined },
    {
      EventId: record.eventID,
      EventName: "GenerateDataKey",
      ReadOnly: "true",
      AccessKeyId: bob.keys.accessKeyId,
      EventTime: new Date(record.eventTime),
      EventSource: "kms.amazonaws.com",
      Username: "bob",
      Resources: [{ ResourceType: "AWS::KMS::Key", ResourceName: key }],
      CloudTrailEvent: undefined,
    },
  );
  assert.equal(record.userIdentity.userName, "bob");
  assert.ok(mine.every(({ EventTime }, i) => i === 0 || EventTime! <= mine[i - 1]!.EventTime!));
  const names = async (input: LookupEventsCommandInput) => {
    const events = await allEvents(world.rootOf.A, input);
    return [...new Set(events.map(({ EventName }) => EventName))].sort();
  };
  const { EventId } = mine[30]!;
  assert.deepEqual(
    (await lookup(world.rootOf.A, attribute("EventId", EventId!))).Events?.map((e) => e.EventId),
    [EventId],
  );
  assert.deepEqual(await names(attribute("AccessKeyId", bob.keys.accessKeyId)), ["GenerateDataKey"]);
  assert.deepEqual(await names(attribute("EventName", "CreateKey")), ["CreateKey"]);
  assert.deepEqual(await names(attribute("ResourceName", key)), ["CreateKey", "GenerateDataKey"]);
  assert.deepEqual(await names(attribute("ResourceName", key.split("/")[1]!)), ["CreateKey", "GenerateDataKey"]);
  assert.deepEqual(await names(attribute("ResourceName", "bob")), ["CreateAccessKey", "CreateUser", "PutUserPolicy"]);
  assert.deepEqual(await names(attribute("ResourceType", "AWS::IAM::AccessKey")), ["CreateAccessKey"]);
  assert.ok(!(await names(attribute("ReadOnly", "false"))).includes("GenerateDataKey"));
  assert.deepEqual(await names(attribute("EventSource", "iam.amazonaws.com")), [
    "CreateAccessKey",
    "CreateUser",
    "PutUserPolicy",
  ]);
  assert.deepEqual(await names(attribute("Username", "nobody")), []);
});

test("a denial is found, and so are lookups themselves", async () => {
  const event = await foundSoon(world.rootOf.A, attribute("Username", "denied"));
  assert.equal(JSON.parse(event.CloudTrailEvent!).errorCode, "AccessDenied");
  const last = await foundSoon(world.rootOf.A, attribute("EventName", "LookupEvents"));
  assert.equal(last.EventSource, "cloudtrail.amazonaws.com");
  assert.equal(last.Username, "root");
});

test("only the caller's account, and the Region that was called; IAM's are in us-east-1", async () => {
  const ofB = await allEvents(world.rootOf.B, {});
  assert.ok(ofB.length > 0);
  for (const { CloudTrailEvent } of ofB) assert.notEqual(JSON.parse(CloudTrailEvent!).recipientAccountId, A);
  const elsewhere = await allEvents(world.rootOf.A, {}, "eu-west-1");
  assert.ok(elsewhere.every(({ EventName }) => EventName === "LookupEvents"));
  await world.iam(world.rootOf.A).send(new iam.CreateUserCommand({ UserName: "carol" }));
  assert.equal((await foundSoon(world.rootOf.A, attribute("ResourceName", "carol"))).EventName, "CreateUser");
});

test("pages: tokens lead on for the same caller and the same question alone", async () => {
  const question = { ...attribute("Username", "bob"), MaxResults: 25 };
  const first = await lookup(world.rootOf.A, question);
  assert.equal(first.Events?.length, 25);
  const second = await lookup(world.rootOf.A, { ...question, NextToken: first.NextToken });
  const third = await lookup(world.rootOf.A, { ...question, MaxResults: 50, NextToken: second.NextToken });
  assert.deepEqual([second.Events?.length, third.Events?.length, third.NextToken], [25, 10, undefined]);
  const ids = [first, second, third].flatMap(({ Events }) => Events!.map(({ EventId }) => EventId));
  assert.equal(new Set(ids).size, 60);
  const NextToken = first.NextToken!;
  for (const [keys, input, region] of [
    [bob.keys, question],
    [world.rootOf.B, question],
    [world.rootOf.A, attribute("Username", "root")],
    [world.rootOf.A, attribute("EventName", "bob")],
    [world.rootOf.A, {}],
    [world.rootOf.A, { ...question, EndTime: new Date() }],
    [world.rootOf.A, question, "eu-west-1"],
  ] as [Keys, LookupEventsCommandInput, string?][]) {
    const { name, status } = await failure(lookup(keys, { ...input, NextToken }, region));
    assert.deepEqual([name, status], ["InvalidNextTokenException", 400]);
  }
  for (const wrong of ["x", NextToken.slice(0, -1), `${NextToken}A`, NextToken.toUpperCase(), "A".repeat(100_000)]) {
    const { name } = await failure(lookup(world.rootOf.A, { ...question, NextToken: wrong }));
    assert.equal(name, "InvalidNextTokenException");
  }
});

test("times: both ends belong to the range", async () => {
  const [newest] = (await lookup(world.rootOf.A, attribute("Username", "bob"))).Events!;
  const at = newest!.EventTime!;
  const between = async (StartTime?: Date, EndTime?: Date) =>
    (await allEvents(world.rootOf.A, { ...attribute("Username", "bob"), StartTime, EndTime })).length;
  const all = await between();
  assert.ok(all >= 60);
  assert.ok((await between(at, at)) > 0);
  assert.equal(await between(new Date(at.getTime() + 1_000)), 0);
  assert.equal(await between(undefined, new Date(at.getTime() - 86_400_000)), 0);
  assert.equal(await between(new Date(0), new Date(at.getTime() + 999)), all);
});

test("what cannot be asked", async () => {
  const two = [...attribute("Username", "bob").LookupAttributes!, ...attribute("EventName", "x").LookupAttributes!];
  for (const [input, name] of [
    [{ LookupAttributes: two }, "InvalidLookupAttributesException"],
    [attribute("Colour", "red"), "InvalidLookupAttributesException"],
    [attribute("__proto__", "red"), "InvalidLookupAttributesException"],
    [attribute("Username", ""), "InvalidLookupAttributesException"],
    [attribute("Username", "x".repeat(2001)), "InvalidLookupAttributesException"],
    [attribute("Username", "_".repeat(1001)), "InvalidLookupAttributesException"],
    [{ StartTime: new Date(2_000), EndTime: new Date(1_000) }, "InvalidTimeRangeException"],
    [{ MaxResults: 0 }, "InvalidMaxResultsException"],
    [{ MaxResults: 51 }, "InvalidMaxResultsException"],
    [{ EventCategory: "management" as "insight" }, "InvalidEventCategoryException"],
  ] as [LookupEventsCommandInput, string][]) {
    const refused = await failure(lookup(world.rootOf.A, input));
    assert.deepEqual([refused.name, refused.status], [name, 400], JSON.stringify(input));
  }
  assert.deepEqual((await lookup(world.rootOf.A, { EventCategory: "insight" })).Events, []);
  assert.equal((await lookup(world.rootOf.A, attribute("Username", "x".repeat(2000)))).Events?.length, 0);
});

test("who may: whom a policy allows it", async () => {
  assert.ok((await lookup(bob.keys)).Events!.length > 0);
  const refused = await failure(lookup(denied.keys));
  assert.equal(refused.name, "AccessDeniedException");
  assert.match(refused.message, /not authorized to perform: cloudtrail:LookupEvents/);
});
