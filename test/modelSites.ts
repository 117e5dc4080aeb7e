import assert from "node:assert/strict";
import type { ProtocolException } from "../src/server/protocol/errors.ts";
import { jsonCodec, loadModel, type Member, type Shape, type Traits } from "../src/server/protocol/model.ts";

/** KMS's model, and every place in its operations' inputs where a value stands. */
export const MODEL = new URL("../models/kms.json", import.meta.url);
export const model = loadModel(MODEL);
export const operations = [...model.operations.keys()];

/** A value for each pattern of the model, and one that it refuses. */
export const PATTERNS: Readonly<Record<string, readonly [good: string, bad: string]>> = {
  "^[0-9]{12}$": ["111122223333", "11112222333x"],
  "^[a-zA-Z0-9:/_-]+$": ["alias/a_b-c:1", "alias/ä"],
  "^[a-f0-9]+$": ["0123456789abcdef".repeat(4), "0123456789ABCDEF".repeat(4)],
  "^cluster-[2-7a-zA-Z]{11,16}$": ["cluster-1k2o3zdtyxz".replace("1", "2"), "cluster-0000000000000"],
  "^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$": [
    "arn:aws:s3:us-east-1:111122223333:bucket",
    "arn:aws:s3:us-east-1:11112222333:bucket",
  ],
  "^[a-zA-Z0-9:/_\\s.-]+$": ["a key: 1.2/3_4", "50 %"],
  "^[\\u0020-\\u00FF]*$": ["ÿ marker ~", "Ā"],
  "^[\\w]+$": ["default", "de-fault"],
  "^[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+$": ['{\t"é":\r\n1}', "\u0000"],
  "^[\\w+=,.@:/-]+$": ["arn:aws:iam::111122223333:role/a+b=c,d.e@f-g", "arn:aws:iam::111122223333:role/*"],
  "^([a-z]+-){2,3}\\d+$": ["us-gov-west-1", "us-east"],
  "^([A-Za-z0-9\\-]+)\\.([A-Za-z0-9\\-]+)(\\.[A-Za-z0-9\\-]+)+$": ["s3.amazonaws.com", "amazonaws.com"],
  "^[a-zA-Z0-9-_.]+$": ["key-1_2.3", "key/1"],
  "^[A-Z2-7]+$": ["ABCDEFGHIJKLMNOPQRST", "abcdefghijklmnopqrst"],
  "^[a-zA-Z0-9\\/+=]+$": [`${"aA0/".repeat(10)}++==`, "-".repeat(43)],
  "^https://[a-zA-Z0-9.-]+$": ["https://xks.example.com", "http://xks.example.com"],
  "^(/[a-zA-Z0-9\\/_-]+/kms/xks/v\\d{1,2})$|^(/kms/xks/v\\d{1,2})$": ["/a/b/kms/xks/v1", "/a/b/kms/xks/v123"],
  "^(com|eu)\\.amazonaws\\.vpce\\.([a-z]+-){2,3}\\d+\\.vpce-svc-[0-9a-z]+$": [
    "com.amazonaws.vpce.us-east-1.vpce-svc-0123",
    "com.amazonaws.vpce.us-east-1.vpce-0123456",
  ],
};

export type Bounds = { min?: number; max?: number };

/** Where a value stands in an operation's input. */
export interface Site {
  readonly operation: string;
  readonly shape: Shape;
  readonly traits: Traits;
  /** as messages name it */
  readonly path: string;
  readonly holder: "structure" | "list" | "map";
  readonly required: boolean;
  /** the least input that has `value` here; without the member when undefined */
  body(value: unknown): string;
  /** what was decoded here */
  found(input: unknown): unknown;
}

export const allSites = operations.flatMap((name) => {
  const input = model.operation(name).input;
  return [
    ...sites(
      name,
      { target: input },
      "",
      (value) => value,
      (value) => value,
    ),
  ];
});

export const trait = <T>(site: { traits: Traits }, name: string) => site.traits[`smithy.api#${name}`] as T | undefined;

function* sites(
  operation: string,
  { target }: Member,
  path: string,
  wrap: (value: unknown) => unknown,
  unwrap: (input: unknown) => unknown,
): Generator<Site> {
  const shape = model.shape(target);
  const site = (member: Member, holder: Site["holder"], at: string, put: Site["body"], get: Site["found"]): Site => {
    const inner = model.shape(member.target);
    const traits = { ...inner.traits, ...member.traits };
    const required = traits["smithy.api#required"] !== undefined;
    return { operation, shape: inner, traits, path: at, holder, required, body: put, found: get };
  };
  if (shape.type === "structure") {
    for (const [name, member] of Object.entries(shape.members ?? {})) {
      const at = `${path}${path && "."}${name[0]!.toLowerCase()}${name.slice(1)}`;
      const put = (value: unknown) => wrap({ ...(example({ target }) as object), [name]: value });
      const get = (input: unknown) => (unwrap(input) as Record<string, unknown>)[name];
      yield site(member, "structure", at, (value) => JSON.stringify(put(value)), get);
      yield* sites(operation, member, at, put, get);
    }
  } else if (shape.type === "list") {
    const member = shape.member!;
    const put = (value: unknown) => wrap([value]);
    const get = (input: unknown) => (unwrap(input) as unknown[])[0];
    yield site(member, "list", path, (value) => JSON.stringify(put(value)), get);
    yield* sites(operation, member, `${path}.1.member`, put, get);
  } else if (shape.type === "map") {
    const put = (value: unknown) => wrap({ name: value });
    const get = (input: unknown) => (unwrap(input) as Record<string, unknown>).name;
    yield site(shape.value!, "map", path, (value) => JSON.stringify(put(value)), get);
  }
}

/** A valid value as JSON has it; of a structure, what is required, or all. */
export function example({ target, traits: overriding }: Member, all = false): unknown {
  const shape = model.shape(target);
  const traits = { ...shape.traits, ...overriding };
  const { min = 1 } = (traits["smithy.api#length"] ?? {}) as Bounds;
  switch (shape.type) {
    case "structure": {
      const members = Object.entries(shape.members ?? {});
      const chosen = members.filter(([, member]) => all || member.traits?.["smithy.api#required"] !== undefined);
      return Object.fromEntries(chosen.map(([name, member]) => [name, example(member, all)]));
    }
    case "list":
      return [example(shape.member!, all)];
    case "map":
      return { name: example(shape.value!, all) };
    case "enum":
      return enumValues(shape)[0];
    case "string": {
      const pattern = traits["smithy.api#pattern"] as string | undefined;
      if (pattern === undefined) return "x".repeat(Math.max(min, 1));
      const known = PATTERNS[pattern];
      assert(known !== undefined, `no example for ${pattern}`);
      return known[0];
    }
    case "blob":
      return Buffer.alloc(Math.max(min, 1), 7).toString("base64");
    case "integer":
      return ((traits["smithy.api#range"] ?? {}) as Bounds).min ?? 1;
    case "boolean":
      return true;
    case "timestamp":
      return 1719844326.123;
    default:
      throw new Error(shape.type);
  }
}

export function enumValues(shape: Shape): string[] {
  return Object.values(shape.members ?? {}).map(({ traits }) => traits?.["smithy.api#enumValue"] as string);
}

const codecs = new Map(operations.map((name) => [name, jsonCodec(model, name)]));
export const decode = (operation: string, body: string) => codecs.get(operation)!.decodeInput(body);

/** The message that `body` is refused with; undefined where it is not. */
export function refusal(
  operation: string,
  body: string,
  type: abstract new (message?: string) => ProtocolException,
): string | undefined {
  try {
    decode(operation, body);
    return undefined;
  } catch (error) {
    assert(error instanceof type, `${operation} ${body.slice(0, 200)}: ${error}`);
    assert.equal(error.code, error.constructor.name);
    return error.message;
  }
}
