import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  AddTagsCommand,
  CloudTrailClient,
  CreateTrailCommand,
  type CreateTrailCommandInput,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListPublicKeysCommand,
  ListTagsCommand,
  ListTrailsCommand,
  PutEventSelectorsCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";

const MINUTE = 60_000;
const arnOf = (name: string, region = "us-east-1") => `arn:aws:cloudtrail:${region}:000000000000:trail/${name}`;
let server: TestServer;
let client: CloudTrailClient;
let ireland: CloudTrailClient;
const clients: { destroy(): void }[] = [];

function cloudTrail(region: string, credentials = server.credentials): CloudTrailClient {
  const made = new CloudTrailClient({ endpoint: server.endpoint, region, credentials, maxAttempts: 1 });
  clients.push(made);
  return made;
}

const bucket = (name: string) => mkdirSync(join(server.data, "audit", "delivered", name), { recursive: true });

before(async () => {
  server = await startTestServer();
  client = cloudTrail("us-east-1");
  ireland = cloudTrail("eu-west-1");
  bucket("logs");
});
after(async () => {
  for (const made of clients) made.destroy();
  await server.stop();
});

/** A trail that is deleted when the test is over. */
async function withTrail<T>(input: Partial<CreateTrailCommandInput>, run: (name: string) => Promise<T>): Promise<T> {
  const Name = input.Name ?? "all";
  await client.send(new CreateTrailCommand({ S3BucketName: "logs", ...input, Name }));
  try {
    return await run(Name);
  } finally {
    await client.send(new DeleteTrailCommand({ Name }));
  }
}

const error = (call: Promise<unknown>) => failure(call).then(({ name, message }) => ({ name, message }));

describe("CreateTrail, GetTrail, UpdateTrail, DeleteTrail", () => {
  test("a trail with all that it can have", async () => {
    const { $metadata, ...created } = await client.send(
      new CreateTrailCommand({
        Name: "My.trail_1",
        S3BucketName: "logs",
        S3KeyPrefix: "a/b",
        IsMultiRegionTrail: true,
        EnableLogFileValidation: true,
        RecursiveLogging: false,
        TagsList: [{ Key: "team", Value: "audit" }],
      }),
    );
    const settings = {
      Name: "My.trail_1",
      S3BucketName: "logs",
      S3KeyPrefix: "a/b",
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: true,
      TrailARN: arnOf("My.trail_1"),
      LogFileValidationEnabled: true,
      IsOrganizationTrail: false,
      RecursiveLogging: false,
    };
    assert.deepEqual(created, settings);
    const shown = { ...settings, HomeRegion: "us-east-1", HasCustomEventSelectors: false, HasInsightSelectors: false };
    assert.deepEqual((await client.send(new GetTrailCommand({ Name: "My.trail_1" }))).Trail, shown);
    assert.deepEqual((await ireland.send(new GetTrailCommand({ Name: arnOf("My.trail_1") }))).Trail, shown);
    const updated = await client.send(
      new UpdateTrailCommand({
        Name: arnOf("My.trail_1"),
        S3KeyPrefix: "",
        IsMultiRegionTrail: false,
        IncludeGlobalServiceEvents: false,
        EnableLogFileValidation: false,
      }),
    );
    assert.deepEqual(
      [
        updated.S3KeyPrefix,
        updated.IsMultiRegionTrail,
        updated.IncludeGlobalServiceEvents,
        updated.LogFileValidationEnabled,
      ],
      [undefined, false, false, false],
    );
    await client.send(new DeleteTrailCommand({ Name: "My.trail_1" }));
    assert.deepEqual(await error(client.send(new GetTrailCommand({ Name: "My.trail_1" }))), {
      name: "TrailNotFoundException",
      message: `Unknown trail: ${arnOf("My.trail_1")} for the user: 000000000000`,
    });
  });

  for (const [title, input, name] of [
    ["a name that is too short", { Name: "ab" }, "InvalidTrailNameException"],
    ["a name that is too long", { Name: "a".repeat(129) }, "InvalidTrailNameException"],
    ["a name with other characters", { Name: "a/../b" }, "InvalidTrailNameException"],
    ["a name that begins with a period", { Name: ".abc" }, "InvalidTrailNameException"],
    ["a name that ends with a hyphen", { Name: "abc-" }, "InvalidTrailNameException"],
    ["adjacent punctuation in a name", { Name: "my-_name" }, "InvalidTrailNameException"],
    ["an IP address", { Name: "192.168.5.4" }, "InvalidTrailNameException"],
    ["no bucket of this name", { S3BucketName: "not-there" }, "S3BucketDoesNotExistException"],
    ["a bucket's name that is none", { S3BucketName: "../../etc" }, "InvalidS3BucketNameException"],
    ["a bucket's name with two periods", { S3BucketName: "a..b" }, "InvalidS3BucketNameException"],
    ["a prefix that leads elsewhere", { S3KeyPrefix: "a/../../b" }, "InvalidS3PrefixException"],
    ["a prefix that is absolute", { S3KeyPrefix: "/a" }, "InvalidS3PrefixException"],
    ["a prefix that is too long", { S3KeyPrefix: "a".repeat(201) }, "InvalidS3PrefixException"],
    [
      "all Regions without global events",
      { IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false },
      "InvalidParameterCombinationException",
    ],
    ["a topic", { SnsTopicName: "topic" }, "InsufficientSnsTopicPolicyException"],
    [
      "a log group",
      { CloudWatchLogsLogGroupArn: "arn:aws:logs:us-east-1:000000000000:log-group:g" },
      "CloudWatchLogsDeliveryUnavailableException",
    ],
    ["a KMS key", { KmsKeyId: "alias/a" }, "UnsupportedOperationException"],
    ["an organization", { IsOrganizationTrail: true }, "OrganizationsNotInUseException"],
    ["a tag twice", { TagsList: [{ Key: "a" }, { Key: "a" }] }, "InvalidTagParameterException"],
    [
      "too many tags",
      { TagsList: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}` })) },
      "TagsLimitExceededException",
    ],
  ] as const satisfies readonly (readonly [string, Partial<CreateTrailCommandInput>, string])[]) {
    test(`refused: ${title}`, async () => {
      const given = { Name: "refused", S3BucketName: "logs", ...(input as Partial<CreateTrailCommandInput>) };
      const refused = await failure(client.send(new CreateTrailCommand(given)));
      assert.deepEqual([refused.name, refused.status], [name, 400], refused.message);
      assert.deepEqual((await client.send(new ListTrailsCommand({}))).Trails, []);
    });
  }

  test("twice the same name; the sixth of a Region", async () => {
    await withTrail({ Name: "one" }, async () => {
      assert.deepEqual(await error(client.send(new CreateTrailCommand({ Name: "one", S3BucketName: "logs" }))), {
        name: "TrailAlreadyExistsException",
        message: "Trail one already exists for customer: 000000000000",
      });
      for (const n of [2, 3, 4, 5])
        await client.send(new CreateTrailCommand({ Name: `trail${n}`, S3BucketName: "logs" }));
      assert.equal(
        (await error(client.send(new CreateTrailCommand({ Name: "trail6", S3BucketName: "logs" })))).name,
        "MaximumNumberOfTrailsExceededException",
      );
      for (const n of [2, 3, 4, 5]) await client.send(new DeleteTrailCommand({ Name: `trail${n}` }));
    });
  });

  test("a trail of all Regions is seen in each, and changed at home", async () => {
    await withTrail({ Name: "everywhere", IsMultiRegionTrail: true }, async (Name) => {
      const shadow = await ireland.send(new DescribeTrailsCommand({}));
      assert.deepEqual(
        shadow.trailList?.map(({ TrailARN, HomeRegion }) => [TrailARN, HomeRegion]),
        [[arnOf(Name), "us-east-1"]],
      );
      assert.deepEqual((await ireland.send(new DescribeTrailsCommand({ includeShadowTrails: false }))).trailList, []);
      assert.deepEqual(
        (await ireland.send(new DescribeTrailsCommand({ trailNameList: [Name, "none", arnOf("none")] }))).trailList,
        [],
      );
      assert.equal(
        (await ireland.send(new DescribeTrailsCommand({ trailNameList: [arnOf(Name)] }))).trailList?.length,
        1,
      );
      for (const given of [Name, arnOf(Name)]) {
        assert.equal(
          (await error(ireland.send(new StopLoggingCommand({ Name: given })))).name,
          "InvalidHomeRegionException",
        );
      }
      assert.equal((await error(ireland.send(new GetTrailStatusCommand({ Name })))).name, "TrailNotFoundException");
      assert.equal(
        (await error(ireland.send(new CreateTrailCommand({ Name, S3BucketName: "logs" })))).name,
        "TrailAlreadyExistsException",
      );
      assert.deepEqual((await ireland.send(new ListTrailsCommand({}))).Trails, [
        { Name, TrailARN: arnOf(Name), HomeRegion: "us-east-1" },
      ]);
    });
  });

  test("ARNs that are none, and another account's", async () => {
    assert.equal(
      (await error(client.send(new GetTrailCommand({ Name: "arn:aws:s3:::b" })))).name,
      "CloudTrailARNInvalidException",
    );
    const foreign = "arn:aws:cloudtrail:us-east-1:111111111111:trail/all";
    for (const command of [new GetTrailCommand({ Name: foreign }), new DeleteTrailCommand({ Name: foreign })]) {
      assert.equal((await error(client.send(command as GetTrailCommand))).name, "TrailNotFoundException");
    }
  });

  test("a token of ListTrails that was not given", async () => {
    assert.equal(
      (await error(client.send(new ListTrailsCommand({ NextToken: "bm9uZQ" })))).name,
      "InvalidTokenException",
    );
  });
});

describe("event selectors", () => {
  test("the default, KMS left out, advanced ones", () =>
    withTrail({}, async (TrailName) => {
      const get = async () => {
        const { $metadata, TrailARN, ...selectors } = await client.send(new GetEventSelectorsCommand({ TrailName }));
        assert.equal(TrailARN, arnOf(TrailName));
        return selectors;
      };
      const all = {
        ReadWriteType: "All",
        IncludeManagementEvents: true,
        DataResources: [],
        ExcludeManagementEventSources: [],
      };
      assert.deepEqual(await get(), { EventSelectors: [all] });
      await client.send(
        new PutEventSelectorsCommand({
          TrailName,
          EventSelectors: [{ ExcludeManagementEventSources: ["kms.amazonaws.com"] }],
        }),
      );
      assert.deepEqual(await get(), {
        EventSelectors: [{ ...all, ExcludeManagementEventSources: ["kms.amazonaws.com"] }],
      });
      assert.equal((await client.send(new GetTrailCommand({ Name: TrailName }))).Trail?.HasCustomEventSelectors, true);
      const AdvancedEventSelectors = [
        {
          Name: "writes",
          FieldSelectors: [
            { Field: "eventCategory", Equals: ["Management"] },
            { Field: "readOnly", Equals: ["false"] },
          ],
        },
      ];
      await client.send(new PutEventSelectorsCommand({ TrailName, AdvancedEventSelectors }));
      assert.deepEqual(await get(), { AdvancedEventSelectors });
    }));

  test("refused ones leave the trail as it is", () =>
    withTrail({}, async (TrailName) => {
      for (const input of [
        {},
        { EventSelectors: [], AdvancedEventSelectors: [] },
        { EventSelectors: [] },
        { EventSelectors: Array.from({ length: 6 }, () => ({})) },
        { EventSelectors: [{ ExcludeManagementEventSources: ["iam.amazonaws.com"] }] },
        { EventSelectors: [{ DataResources: [{ Type: "AWS::KMS::Key", Values: [] }] }] },
        { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "readOnly", Equals: ["true"] }] }] },
        { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "constructor", Equals: ["true"] }] }] },
        { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "eventCategory" }] }] },
      ]) {
        const refused = await error(client.send(new PutEventSelectorsCommand({ TrailName, ...input })));
        assert.equal(refused.name, "InvalidEventSelectorsException", JSON.stringify(input));
      }
      assert.equal((await client.send(new GetTrailCommand({ Name: TrailName }))).Trail?.HasCustomEventSelectors, false);
    }));
});

test("tags: put on, changed, taken off, listed", () =>
  withTrail({ TagsList: [{ Key: "a", Value: "1" }] }, async (name) => {
    const ResourceId = arnOf(name);
    await client.send(new AddTagsCommand({ ResourceId, TagsList: [{ Key: "a", Value: "2" }, { Key: "b" }] }));
    const list = async () => (await client.send(new ListTagsCommand({ ResourceIdList: [ResourceId] }))).ResourceTagList;
    assert.deepEqual(await list(), [{ ResourceId, TagsList: [{ Key: "a", Value: "2" }, { Key: "b" }] }]);
    await client.send(new RemoveTagsCommand({ ResourceId, TagsList: [{ Key: "a" }, { Key: "none" }] }));
    assert.deepEqual(await list(), [{ ResourceId, TagsList: [{ Key: "b" }] }]);
    const refusals = [
      [new AddTagsCommand({ ResourceId, TagsList: [{ Key: "aws:x", Value: "1" }] }), "InvalidTagParameterException"],
      [new AddTagsCommand({ ResourceId: arnOf("none"), TagsList: [{ Key: "x" }] }), "ResourceNotFoundException"],
      [new AddTagsCommand({ ResourceId: "none", TagsList: [{ Key: "x" }] }), "CloudTrailARNInvalidException"],
      [
        new AddTagsCommand({
          ResourceId: "arn:aws:cloudtrail:us-east-1:000000000000:channel/x",
          TagsList: [{ Key: "x" }],
        }),
        "ResourceTypeNotSupportedException",
      ],
    ] as const;
    for (const [command, expected] of refusals) assert.equal((await error(client.send(command))).name, expected);
  }));

test("authorization: what a user's policy names, and no more", () =>
  withTrail({ Name: "mine" }, async (name) => {
    const iam = new IAMClient({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: server.credentials,
      maxAttempts: 1,
    });
    clients.push(iam);
    await iam.send(new CreateUserCommand({ UserName: "auditor" }));
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: ["cloudtrail:GetTrail", "cloudtrail:StopLogging"], Resource: arnOf(name) },
    });
    await iam.send(new PutUserPolicyCommand({ UserName: "auditor", PolicyName: "p", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "auditor" }));
    const auditor = cloudTrail("us-east-1", {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    await auditor.send(new GetTrailCommand({ Name: name }));
    await auditor.send(new StopLoggingCommand({ Name: name }));
    for (const command of [
      new DeleteTrailCommand({ Name: name }),
      new StartLoggingCommand({ Name: name }),
      new GetTrailCommand({ Name: "other" }),
      new DescribeTrailsCommand({}),
      new ListPublicKeysCommand({}),
    ]) {
      const denied = await error(auditor.send(command as GetTrailCommand));
      assert.equal(denied.name, "AccessDeniedException");
      assert.match(
        denied.message,
        /^User: arn:aws:iam::000000000000:user\/auditor is not authorized to perform: cloudtrail:/,
      );
    }
  }));

test("logging: begun, delivered, ended; what the status says of it", () =>
  withTrail({ EnableLogFileValidation: true, IsMultiRegionTrail: true }, async (Name) => {
    const status = async () => {
      const { $metadata, ...rest } = await client.send(new GetTrailStatusCommand({ Name }));
      return rest;
    };
    assert.equal((await status()).IsLogging, false);
    assert.equal((await status()).TimeLoggingStarted, "");
    await client.send(new StartLoggingCommand({ Name }));
    await server.jobs!.runAll();
    const kms = server.client();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    server.moveClock(6 * MINUTE);
    await server.jobs!.runAll();
    const begun = await status();
    assert.equal(begun.IsLogging, true);
    assert.ok(begun.LatestDeliveryTime! > begun.StartLoggingTime!);
    assert.match(begun.TimeLoggingStarted!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(begun.LatestDeliveryError, undefined);
    const files = readdirSync(join(server.data, "audit", "delivered", "logs"), { recursive: true, encoding: "utf8" });
    const logFiles = files.filter((file) => /\/CloudTrail\/us-east-1\/.*\.json\.gz$/.test(file));
    assert.equal(logFiles.length, 1, files.join("\n"));
    server.moveClock(60 * MINUTE);
    await server.jobs!.runAll();
    assert.ok((await status()).LatestDigestDeliveryTime! > begun.LatestDeliveryTime!);
    const { PublicKeyList } = await client.send(
      new ListPublicKeysCommand({ EndTime: new Date(Date.now() + 90 * MINUTE), StartTime: new Date(0) }),
    );
    assert.equal(PublicKeyList?.length, 1);
    assert.match(PublicKeyList![0]!.Fingerprint!, /^[0-9a-f]{32}$/);
    assert.equal((await cloudTrail("ap-south-1").send(new ListPublicKeysCommand({}))).PublicKeyList?.length, 0);
    assert.equal(
      (await error(client.send(new ListPublicKeysCommand({ StartTime: new Date(), EndTime: new Date(0) })))).name,
      "InvalidTimeRangeException",
    );
    await client.send(new StopLoggingCommand({ Name }));
    const ended = await status();
    assert.equal(ended.IsLogging, false);
    assert.ok(ended.StopLoggingTime! > ended.StartLoggingTime!);
    assert.ok(KeyMetadata?.KeyId);
  }));
