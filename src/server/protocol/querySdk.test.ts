import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as IAM from "@aws-sdk/client-iam";
import * as STS from "@aws-sdk/client-sts";
import fc from "fast-check";
import { loadModel, type Member, ServiceModel, type Shape } from "./model.ts";
import { parseQuery, type QueryCodec, queryCodec, queryError } from "./query.ts";

/** What AWS's own client writes is read, and what is written it reads. */

const ID = "7a62c49f-347e-4fc4-9331-6e8e00000000";
type Shapes = Readonly<Record<string, Shape>>;
type Input = Record<string, unknown>;

/** A service in its model's constraints or without, and its client. */
class Service {
  readonly model: ServiceModel;
  readonly free: ServiceModel;
  readonly shapes: Shapes;
  readonly #sdk: Readonly<Record<string, unknown>>;
  readonly #client: typeof IAM.IAMClient;

  constructor(name: "iam" | "sts", sdk: Readonly<Record<string, unknown>>, client: unknown) {
    const source = new URL(`../../../models/${name}.json`, import.meta.url);
    this.model = loadModel(source);
    const constraints = ["length", "range", "pattern", "required"].map((trait) => `smithy.api#${trait}`);
    this.shapes = Object.fromEntries(
      [...reachable(this.model)].map(([id, shape]) => [
        id,
        JSON.parse(JSON.stringify(shape), (key, value) => (constraints.includes(key) ? undefined : value)) as Shape,
      ]),
    );
    const operations = [...this.model.operations].map(([operation, { input, output }]) => [
      `x#${operation}`,
      { type: "operation", input: { target: input }, ...(output && { output: { target: output } }) },
    ]);
    const service = {
      type: "service",
      operations: operations.map(([target]) => ({ target })),
      traits: { "aws.api#service": { sdkId: this.model.name } },
    } as Shape;
    this.free = new ServiceModel({ shapes: { "x#S": service, ...Object.fromEntries(operations), ...this.shapes } });
    this.#sdk = sdk;
    this.#client = client as typeof IAM.IAMClient;
  }

  /** Whether the client has the operation: the model may be newer. */
  knows(operation: string): boolean {
    return this.#sdk[`${operation}Command`] !== undefined;
  }

  /** What the operation's codec decodes of what the client sends, and the client of what is answered. */
  async call(codec: QueryCodec, input: object, answer: string, status = 200) {
    let decoded: unknown;
    const handle = async ({ body }: { body: string }) => {
      decoded = codec.decodeInput(parseQuery(body));
      const headers = { "content-type": "text/xml", "x-amzn-requestid": ID };
      return { response: { statusCode: status, headers, body: new TextEncoder().encode(answer) } };
    };
    const client = new this.#client({
      region: "us-east-1",
      credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" },
      requestHandler: { handle } as never,
      maxAttempts: 1,
    });
    const Command = this.#sdk[`${codec.name}Command`] as new (input: object) => IAM.GetUserCommand;
    const { $metadata, ...output } = await client.send(new Command(input));
    return { decoded, output: output as Input, requestId: $metadata.requestId };
  }
}

/** The shapes of all operations' inputs and outputs. */
function reachable(model: ServiceModel): Map<string, Shape> {
  const found = new Map<string, Shape>();
  const visit = (id: string) => {
    if (found.has(id)) return;
    const shape = model.shape(id);
    found.set(id, shape);
    const members = [...Object.values(shape.members ?? {}), shape.member, shape.key, shape.value];
    if (shape.type !== "enum") for (const member of members) if (member) visit(member.target);
  };
  for (const { input, output } of model.operations.values()) for (const id of [input, output]) if (id) visit(id);
  return found;
}

const services = [new Service("iam", { ...IAM }, IAM.IAMClient), new Service("sts", { ...STS }, STS.STSClient)];

/** Members that the model has and the client has not yet. */
const NEWER: ReadonlySet<string> = new Set([
  "com.amazonaws.sts#AssumeRoleWithSAMLResponse$TrustedIdentityPropagationContext",
  "com.amazonaws.sts#AssumeRoleWithWebIdentityResponse$TrustedIdentityPropagationContext",
  "com.amazonaws.sts#GetWebIdentityTokenRequest$Scope",
  "com.amazonaws.sts#GetWebIdentityTokenRequest$SubjectMode",
]);

/** Of a shape without constraints. */
function arbitrary(shapes: Shapes, { target }: Member, text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const shape = shapes[target] ?? { type: target.slice("smithy.api#".length).toLowerCase() };
  switch (shape.type) {
    case "structure": {
      const members = Object.entries(shape.members ?? {}).filter(([name]) => !NEWER.has(`${target}$${name}`));
      return fc.record(Object.fromEntries(members.map(([name, member]) => [name, arbitrary(shapes, member, text)])));
    }
    case "list":
      return fc.array(arbitrary(shapes, shape.member!, text), { maxLength: 3 });
    case "map": {
      const keys = shapes[shape.key!.target]?.type === "enum" ? arbitrary(shapes, shape.key!, text) : text;
      return fc.dictionary(keys as fc.Arbitrary<string>, arbitrary(shapes, shape.value!, text), {
        minKeys: 1, // an empty one is not sent
        maxKeys: 3,
      });
    }
    case "enum":
      return fc.constantFrom(...Object.values(shape.members ?? {}).map((m) => m.traits!["smithy.api#enumValue"]));
    case "blob":
      return fc.uint8Array({ maxLength: 20 });
    case "integer":
      return fc.integer();
    case "boolean":
      return fc.boolean();
    case "timestamp":
      return fc.integer({ min: 0, max: 4e9 }).map((seconds) => new Date(seconds * 1000));
    default:
      return text;
  }
}

const character = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point).toWellFormed());
const edges = fc.constantFrom("\r", "\n", "\r\n", "\t", " a ", "", "&amp;", "]]>", "<b/>", "+%20", "=&", "__proto__");
const anyText = fc.oneof(fc.string({ unit: character, maxLength: 12 }), edges);
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what XML cannot hold
const unfit = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
/** This client takes text of line feeds and white space alone for the layout of the XML. */
const xmlText = anyText
  .map((text) => text.replace(unfit, "?"))
  .map((text) => (/^\s*\n\s*$/.test(text) ? `x${text}x` : text));

/** As plain objects and byte arrays, whatever was made of them; without what is undefined. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).flatMap(([k, v]) => (v === undefined ? [] : [[k, plain(v)]])));
}

for (const service of services) {
  const { model, free, shapes } = service;
  suite(`${model.name} by its client`, () => {
    test("the examples of the model", async () => {
      let examples = 0;
      for (const name of model.operations.keys()) {
        const { traits } = model.shape(`com.amazonaws.${model.name.toLowerCase()}#${name}`);
        for (const { input = {}, output = {} } of (traits?.["smithy.api#examples"] ?? []) as Record<string, object>[]) {
          const codec = queryCodec(free, name);
          const dated = dates(model, model.operation(name).output, output) as object;
          const answer = codec.encodeOutput(dated, ID);
          const called = await service.call(codec, input, answer);
          assert.deepEqual(plain(called.decoded), input, name);
          assert.deepEqual(plain(called.output), dated, name);
          assert.equal(called.requestId, ID);
          examples++;
        }
      }
      assert(examples > 5);
    });

    test(`any input and output of each of the ${model.operations.size} operations`, async () => {
      for (const [name, { input, output }] of model.operations) {
        if (!service.knows(name)) continue;
        const codec = queryCodec(free, name);
        const inputs = arbitrary(shapes, { target: input }, anyText);
        const outputs = output ? arbitrary(shapes, { target: output }, xmlText) : fc.constant({});
        const property = fc.asyncProperty(inputs, outputs, async (given, answered) => {
          const called = await service.call(codec, given as object, codec.encodeOutput(answered as object, ID));
          assert.deepEqual(plain(called.decoded), plain(given));
          assert.deepEqual(plain(called.output), plain(answered));
        });
        await fc.assert(property, { numRuns: 5 });
      }
    });
  });
}

/** An example's output with Dates of whole seconds for what the model calls timestamps. */
function dates(model: ServiceModel, id: string | undefined, value: unknown): unknown {
  const shape = model.shape(id ?? "smithy.api#Unit");
  if (shape.type === "timestamp") return new Date((value as string).replace(/\.\d+/, ""));
  if (shape.type === "list") return (value as unknown[]).map((item) => dates(model, shape.member!.target, item));
  if (shape.type !== "structure") return value;
  return Object.fromEntries(
    Object.entries(value as object).map(([name, item]) => [name, dates(model, shape.members![name]?.target, item)]),
  );
}

test("errors reach the client as their classes", async () => {
  const [iam, sts] = services as [Service, Service];
  const noSuch = { code: "NoSuchEntity", message: "The user with name <b>&\r cannot be found.", status: 404 };
  await assert.rejects(
    iam.call(queryCodec(iam.model, "GetUser"), {}, queryError({ service: "iam", ...noSuch, requestId: ID }), 404),
    (error) => {
      assert(error instanceof IAM.NoSuchEntityException);
      assert.equal(error.message, noSuch.message);
      assert.equal(error.$fault, "client");
      assert.equal(error.$metadata.requestId, ID);
      return true;
    },
  );
  const expired = { code: "ExpiredTokenException", message: "Token expired", status: 400 };
  await assert.rejects(
    sts.call(
      queryCodec(sts.free, "AssumeRoleWithWebIdentity"),
      {},
      queryError({ service: "sts", ...expired, requestId: ID }),
      400,
    ),
    STS.ExpiredTokenException,
  );
});
