import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { MalformedInput, type ProtocolException, SerializationException, ValidationError } from "./errors.ts";
import { loadModel, type Shape } from "./model.ts";
import { parseQuery, queryCodec } from "./query.ts";

const iam = loadModel(new URL("../../../models/iam.json", import.meta.url));
const sts = loadModel(new URL("../../../models/sts.json", import.meta.url));
const decode = (model: typeof iam, operation: string, text: string) =>
  queryCodec(model, operation).decodeInput(parseQuery(text)) as Record<string, unknown>;

/** The message that `text` is refused with. */
function said(
  model: typeof iam,
  operation: string,
  text: string,
  type: new (message: string) => ProtocolException = ValidationError,
): string {
  try {
    decode(model, operation, text);
  } catch (error) {
    assert(error instanceof type, String(error));
    assert.equal(error.code, type.name);
    return error.message;
  }
  throw new Error("not refused");
}

test("each operation of both models can be decoded and encoded", () => {
  for (const [model, count] of [
    [iam, 180],
    [sts, 12],
  ] as const) {
    assert.equal(model.operations.size, count);
    for (const [name, { output }] of model.operations) {
      const codec = queryCodec(model, name);
      assert.equal(codec.name, name);
      try {
        codec.decodeInput(parseQuery(""));
      } catch (error) {
        assert(error instanceof ValidationError, `${name}: ${error}`);
      }
      const answer = codec.encodeOutput(undefined, "id");
      assert(answer.startsWith(`<${name}Response xmlns="https://`), answer);
      assert.equal(answer.includes(`<${name}Result/>`), output !== undefined);
    }
  }
  assert.throws(() => queryCodec(iam, "Encrypt"), /IAM has no operation Encrypt/);
  assert.throws(
    () => queryCodec(loadModel(new URL("../../../models/kms.json", import.meta.url)), "Encrypt"),
    /KMS is not known to speak AWS Query/,
  );
});

suite("parameters", () => {
  const parsed = (text: string) => Object.fromEntries(parseQuery(text));

  test("are decoded: + and %20 are spaces, names too, and what has no = is empty", () => {
    assert.deepEqual(parsed("a=b+c%20d%2B&%41b=%C3%A9%F0%9F%98%80&&x=&y&z=1=2&"), {
      a: "b c d+",
      Ab: "é😀",
      x: "",
      y: "",
      z: "1=2",
    });
    assert.deepEqual(parsed(""), {});
    assert.equal(parseQuery("__proto__=a&constructor=b").get("__proto__"), "a");
  });

  test("that are no percent-encoded UTF-8 are refused", () => {
    for (const value of [
      "%",
      "%4",
      "%zz",
      "%C3",
      "%C3%28",
      "%ED%A0%80",
      "%C0%AF",
      "%F5%80%80%80",
      "%u00e9",
      "\ud800",
    ]) {
      for (const text of [`a=${value}`, `${value}=a`]) assert.throws(() => parseQuery(text), MalformedInput, text);
    }
  });

  test("given twice are refused, however they are spelt", () => {
    assert.throws(() => parseQuery("a=1&a=1"), MalformedInput);
    assert.throws(() => parseQuery("a=1&%61=2"), MalformedInput);
  });

  test("may be 10,000", () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `p${i}=`).join("&");
    assert.equal(parseQuery(many(10_000)).size, 10_000);
    assert.throws(() => parseQuery(many(10_001)), MalformedInput);
    assert.throws(() => parseQuery("&".repeat(10_000_000)), MalformedInput);
  });
});

suite("input", () => {
  test("of structures in lists, whatever the order", () => {
    const tags = "Tags.member.10.Key=j&Tags.member.10.Value=&Tags.member.2.Value=b+1&Tags.member.2.Key=%C3%A9";
    assert.deepEqual(decode(iam, "CreateUser", `Action=CreateUser&Version=2010-05-08&UserName=Bob&${tags}`), {
      UserName: "Bob",
      Tags: [
        { Key: "é", Value: "b 1" },
        { Key: "j", Value: "" },
      ],
    });
  });

  test("of maps", () => {
    const entry = (n: number, key: string, value: string) =>
      `ReplacementValues.entry.${n}.key=${key}&ReplacementValues.entry.${n}.value.Values.member.1=${value}`;
    const text = `TemplateArn=arn:aws:iam::aws:role-template/x&${entry(7, "__proto__", "b")}&${entry(2, "a", "c")}`;
    const { ReplacementValues } = decode(iam, "AcquireRole", text) as { ReplacementValues: object };
    assert.equal(Object.getPrototypeOf(ReplacementValues), null);
    assert.deepEqual(Object.entries(ReplacementValues), [
      ["a", { Values: ["c"] }],
      ["__proto__", { Values: ["b"] }],
    ]);
    for (const broken of [
      "ReplacementValues.entry.1.key=a",
      "ReplacementValues.entry.1.value.Values=",
      "ReplacementValues.entry.1.key.x=a&ReplacementValues.entry.1.value.Values=",
      `${entry(1, "a", "b")}&${entry(2, "a", "b")}`,
    ]) {
      said(iam, "AcquireRole", broken, MalformedInput);
    }
  });

  test("an empty list is a parameter without text; an absent one is undefined", () => {
    assert.deepEqual(decode(iam, "TagUser", "UserName=Bob&Tags="), { UserName: "Bob", Tags: [] });
    assert.deepEqual(decode(iam, "CreateUser", "UserName=Bob"), { UserName: "Bob" });
    assert.deepEqual(decode(iam, "UntagUser", "UserName=Bob&TagKeys.member.1=a&TagKeys="), {
      UserName: "Bob",
      TagKeys: ["a"],
    });
  });

  test("what the model does not have is passed over, SigV4's parameters too", () => {
    const signed = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260101%2Fus-east-1%2Fsts%2Faws4_request";
    const text = `Action=GetCallerIdentity&Version=2011-06-15&${signed}&a.b.c=1&a=2`;
    assert.deepEqual(decode(sts, "GetCallerIdentity", text), {});
  });

  test("numbers and booleans", () => {
    const policy = (text: string) => decode(iam, "UpdateAccountPasswordPolicy", text);
    assert.deepEqual(policy("MinimumPasswordLength=14&RequireSymbols=true&RequireNumbers=0"), {
      MinimumPasswordLength: 14,
      RequireSymbols: true,
      RequireNumbers: false,
    });
    for (const number of [
      "",
      "x",
      "1.0",
      "1e3",
      "0x10",
      " 1",
      "1 ",
      "٣",
      "2147483648",
      "9".repeat(400),
      "--1",
      "NaN",
    ]) {
      const text = `MaxItems=${encodeURIComponent(number)}`;
      assert.equal(said(iam, "ListUsers", text, MalformedInput), "Value is not a valid Integer");
    }
    assert.equal(
      said(iam, "UpdateAccountPasswordPolicy", "RequireSymbols=yes", MalformedInput),
      "boolean must follow xsd1.1 definition",
    );
  });

  test("what is of another form is refused", () => {
    const start = "Start of structure or map found where not expected.";
    const list = "Unexpected list element termination";
    for (const [text, message] of [
      ["UserName.x=1", start],
      ["UserName.member.1=1", "Start of list found where not expected"],
      ["UserName=a&UserName.__proto__.x=1", start],
      ["Tags=a", list],
      ["Tags.member=a", list],
      ["Tags.1.Key=a", list],
      ["Tags.member.x.Key=a", start],
      ["Tags.member.0.Key=a", start],
      ["Tags.member.01.Key=a", start],
      ["Tags.member.-1.Key=a", start],
      ["Tags.member..Key=a", start],
      ["Tags.member.__proto__.Key=a", start],
      ["Tags.member.1=a", "Unexpected complex element termination"],
    ] as const) {
      assert.equal(said(iam, "CreateUser", text, MalformedInput), message, text);
    }
  });

  test("names that JavaScript knows change nothing", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "Tags.__proto__"]) {
      const text = `UserName=Bob&${name}.UserName=Eve&${name}.member.1=x`;
      if (name.startsWith("Tags")) said(iam, "CreateUser", text, MalformedInput);
      else assert.deepEqual(decode(iam, "CreateUser", text), { UserName: "Bob" });
    }
    assert.equal(({} as Record<string, unknown>).UserName, undefined);
  });

  test("numbers of any size, names of any depth", () => {
    const tags = "Tags.member.999999999.Key=b&Tags.member.999999999.Value=&Tags.member.5.Key=a&Tags.member.5.Value=";
    const far = "Tags.member.999999999999999.Key=c&Tags.member.999999999999999.Value=";
    assert.deepEqual(decode(iam, "CreateUser", `UserName=Bob&${far}&${tags}`).Tags, [
      { Key: "a", Value: "" },
      { Key: "b", Value: "" },
      { Key: "c", Value: "" },
    ]);
    said(iam, "CreateUser", "UserName=Bob&Tags.member.1000000000000000.Key=c", MalformedInput);
    assert.deepEqual(decode(iam, "CreateUser", `UserName=Bob&x${".x".repeat(31)}=1`), { UserName: "Bob" });
    said(iam, "CreateUser", `UserName=Bob&x${".x".repeat(32)}=1`, MalformedInput);
    said(iam, "CreateUser", `UserName=Bob&${".".repeat(10_000_000)}=1`, MalformedInput);
  });
});

suite("AWS's texts for broken constraints", () => {
  const one = (text: string) => `1 validation error detected: ${text}`;

  test("IAM never says the value", () => {
    const list = "UserName=Bob&Tags.member.1.Key=&Tags.member.1.Value=";
    assert.equal(
      said(iam, "ListUsers", "PathPrefix="),
      "2 validation errors detected: Value at 'pathPrefix' failed to satisfy constraint: Member must have length greater than or equal to 1; Value at 'pathPrefix' failed to satisfy constraint: Member must satisfy regular expression pattern: \\u002F[\\u0021-\\u007F]*",
    );
    assert.equal(
      said(iam, "GetRole", ""),
      one("Value at 'roleName' failed to satisfy constraint: Member must not be null"),
    );
    assert.match(said(iam, "CreateUser", list), /Value at 'tags\.1\.member\.key' failed to satisfy constraint: /);
  });

  test("STS says it, and how much of it", () => {
    assert.equal(
      said(sts, "AssumeRole", "RoleArn=arn:aws:iam::111122223333:role/x&RoleSessionName=Session1:2"),
      one(
        "Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      ),
    );
    assert.equal(
      said(sts, "AssumeRole", "RoleArn=arn:aws:iam::111122223333:role/x"),
      one("Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null"),
    );
    const policy = " ".repeat(5000);
    const { max } = sts.shape("com.amazonaws.sts#sessionPolicyDocumentType").traits!["smithy.api#length"] as {
      max: number;
    };
    assert.equal(
      said(sts, "GetFederationToken", `Name=Bob&Policy=${"+".repeat(5000)}`),
      one(
        `Value '${policy}' at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
      ),
    );
    assert.equal(
      said(sts, "GetSessionToken", "DurationSeconds=1"),
      one(
        "Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
      ),
    );
  });

  test("what is sensitive is not said by STS either", () => {
    const role = "RoleArn=arn:aws:iam::111122223333:role/x&RoleSessionName=abc";
    assert.equal(
      said(sts, "AssumeRoleWithWebIdentity", `${role}&WebIdentityToken=abc`),
      one(
        "Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4",
      ),
    );
  });

  test("an enum without its values", () => {
    assert.equal(
      said(iam, "UpdateAccessKey", "AccessKeyId=AKIAIOSFODNN7EXAMPLE&Status=Off"),
      one("Value at 'status' failed to satisfy constraint: Member must satisfy enum value set"),
    );
  });

  test("a list of strings as a whole", () => {
    const keys = `UserName=Bob&TagKeys.member.1=a&TagKeys.member.2=&TagKeys.member.3=${"x".repeat(129)}`;
    const each =
      "Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+, Member must not be null]";
    assert.equal(said(iam, "UntagUser", keys), one(`Value at 'tagKeys' failed to satisfy constraint: ${each}`));
  });

  test("patterns as they were before the model anchored them, and of the whole value", () => {
    assert.equal(
      said(iam, "GetPolicyVersion", "PolicyArn=arn:aws:iam::aws:policy/x&VersionId=x1"),
      one(
        "Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
      ),
    );
    assert.match(said(iam, "CreateAccountAlias", "AccountAlias=A-b"), /pattern: \^\[a-z0-9\].*\[a-z0-9\]\$$/);
    // Paths are the operations' own to check.
    for (const path of ["/", "/a//b/", "a"]) {
      assert.equal(decode(iam, "CreateUser", `UserName=Bob&Path=${path}`).Path, path);
    }
  });

  test("all at once, and no message without end", () => {
    assert.match(
      said(iam, "CreateRole", "RoleName=a%20b&MaxSessionDuration=1"),
      /^3 validation errors detected: .*; .*; /,
    );
    const tags = Array.from({ length: 9000 }, (_, i) => `Tags.member.${i + 1}.x=`).join("&");
    for (const [model, operation] of [
      [iam, "CreateUser"],
      [sts, "AssumeRole"],
    ] as const) {
      const message = said(model, operation, tags);
      assert.match(message, /^180\d\d validation errors detected: .*; \.\.\.$/);
      assert(message.length < 70_000);
    }
    const long = said(sts, "AssumeRole", `RoleArn=${"x".repeat(1 << 20)}&RoleSessionName=${"/".repeat(1 << 20)}`);
    assert(long.length < 300_000);
  });
});

/** As Smithy's own tests of the protocol, of shapes that IAM and STS do not have. */
suite("shapes of other services", () => {
  const xmlName = (name: string) => ({ "smithy.api#xmlName": name });
  const flattened = { "smithy.api#xmlFlattened": {} };
  const shapes: Record<string, Shape> = {
    "x#Strings": { type: "list", member: { target: "smithy.api#String" } },
    "x#Items": { type: "list", member: { target: "smithy.api#String", traits: xmlName("item") } },
    "x#Map": { type: "map", key: { target: "smithy.api#String" }, value: { target: "smithy.api#String" } },
    "x#Named": {
      type: "map",
      key: { target: "smithy.api#String", traits: xmlName("K") },
      value: { target: "smithy.api#String", traits: xmlName("V") },
    },
    "x#All": {
      type: "structure",
      members: {
        ListArg: { target: "x#Strings" },
        Named: { target: "x#Items" },
        Flat: { target: "x#Strings", traits: flattened },
        FlatNamed: { target: "x#Items", traits: { ...flattened, ...xmlName("Hi") } },
        MapArg: { target: "x#Map" },
        NamedMap: { target: "x#Named" },
        FlatMap: { target: "x#Named", traits: { ...flattened, ...xmlName("Hello") } },
        Blob: { target: "smithy.api#Blob" },
        Time: { target: "smithy.api#Timestamp" },
        Long: { target: "smithy.api#Long" },
        Self: { target: "x#All" },
      },
    },
    "x#Echo": { type: "operation", input: { target: "x#All" }, output: { target: "x#All" } },
    "x#Service": {
      type: "service",
      operations: [{ target: "x#Echo" }],
      traits: { "aws.api#service": { sdkId: "STS" } },
    },
  };
  const model = loadModel({ shapes });
  const codec = queryCodec(model, "Echo");
  const input = (text: string) => ({ ...(codec.decodeInput(parseQuery(text)) as object) });

  const cases: readonly [what: string, request: string, value: object, answer: string][] = [
    [
      "lists",
      "ListArg.member.1=foo&ListArg.member.2=bar",
      { ListArg: ["foo", "bar"] },
      "<ListArg><member>foo</member><member>bar</member></ListArg>",
    ],
    ["empty lists", "ListArg=", { ListArg: [] }, "<ListArg/>"],
    ["lists with a named member", "Named.item.1=A", { Named: ["A"] }, "<Named><item>A</item></Named>"],
    ["flattened lists", "Flat.1=A&Flat.2=B", { Flat: ["A", "B"] }, "<Flat>A</Flat><Flat>B</Flat>"],
    ["flattened lists with a name", "Hi.1=A&Hi.2=B", { FlatNamed: ["A", "B"] }, "<Hi>A</Hi><Hi>B</Hi>"],
    [
      "maps",
      "MapArg.entry.1.key=bar&MapArg.entry.1.value=Bar",
      { MapArg: { bar: "Bar" } },
      "<MapArg><entry><key>bar</key><value>Bar</value></entry></MapArg>",
    ],
    ["empty maps", "MapArg=", { MapArg: {} }, "<MapArg/>"],
    [
      "maps with named keys and values",
      "NamedMap.entry.1.K=bar&NamedMap.entry.1.V=Bar",
      { NamedMap: { bar: "Bar" } },
      "<NamedMap><entry><K>bar</K><V>Bar</V></entry></NamedMap>",
    ],
    [
      "flattened maps",
      "Hello.1.K=a&Hello.1.V=A&Hello.2.K=b&Hello.2.V=B",
      { FlatMap: { a: "A", b: "B" } },
      "<Hello><K>a</K><V>A</V></Hello><Hello><K>b</K><V>B</V></Hello>",
    ],
    [
      "shapes in themselves",
      "Self.Self.Flat.1=x",
      { Self: { Self: { Flat: ["x"] } } },
      "<Self><Self><Flat>x</Flat></Self></Self>",
    ],
    ["blobs", "Blob=dmFsdWU%3D", { Blob: Buffer.from("value") }, "<Blob>dmFsdWU=</Blob>"],
    [
      "timestamps",
      "Time=2015-01-25T08%3A00%3A00Z",
      { Time: new Date("2015-01-25T08:00:00Z") },
      "<Time>2015-01-25T08:00:00Z</Time>",
    ],
    ["longs", "Long=-9007199254740991", { Long: -9007199254740991 }, "<Long>-9007199254740991</Long>"],
  ];
  for (const [what, request, value, answer] of cases) {
    test(what, () => {
      const decoded = input(request);
      assert.deepEqual(structuredClone(decoded), structuredClone(value));
      assert(codec.encodeOutput(value, "id").includes(`<EchoResult>${answer}</EchoResult>`));
    });
  }

  test("a shape in itself is read as deep as names may be", () => {
    assert.doesNotThrow(() => input(`${"Self.".repeat(31)}Long=1`));
    assert.throws(() => input(`${"Self.".repeat(32)}Long=1`), MalformedInput);
    try {
      input(`${"Self.".repeat(1000)}Long=1`);
    } catch (error) {
      assert(!(error instanceof SerializationException)); // which is AWS JSON's
    }
  });

  test("timestamps are ISO 8601, with fractions and offsets", () => {
    const time = (text: string) => (input(`Time=${encodeURIComponent(text)}`) as { Time: Date }).Time.toISOString();
    assert.equal(time("2026-11-23T10:15:00.5Z"), "2026-11-23T10:15:00.500Z");
    assert.equal(time("2026-11-23T10:15:00+01:30"), "2026-11-23T08:45:00.000Z");
    assert.equal(time("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00.000Z");
    for (const text of ["", "now", "2026", "2026-11-23", "2026-11-23T10:15Z", "2026-11-23T10:15:00", "1422172800"]) {
      assert.throws(() => time(text), /timestamp must follow ISO8601/);
    }
    for (const text of [
      "2026-02-30T10:15:00Z",
      "2026-13-01T10:15:00Z",
      "2026-11-23T25:15:00Z",
      "0000-00-00T00:00:00Z",
    ]) {
      assert.throws(() => time(text), MalformedInput, text);
    }
  });

  test("blobs are Base64 in its one spelling", () => {
    for (const text of ["a", "YQ", "YR==", "YQ=\n=", "Y Q=", "-_-_", "é"]) {
      assert.throws(() => input(`Blob=${encodeURIComponent(text)}`), /Value is not valid Base64/);
    }
  });

  test("longs that a double does not hold are refused", () => {
    for (const text of ["9007199254740992", "-9007199254740992", "9223372036854775807", "1.5"]) {
      assert.throws(() => input(`Long=${text}`), /Value is not a valid Long/);
    }
    assert.deepEqual(input("Long=-0"), { Long: 0 });
  });
});
