import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { ProtocolException } from "./errors.ts";
import { loadModel, type Member, type ServiceModel } from "./model.ts";
import { parseQuery, queryCodec } from "./query.ts";

const codecs = ["iam", "sts"].flatMap((name) => {
  const model = loadModel(new URL(`../../../models/${name}.json`, import.meta.url));
  return [...model.operations].map(([operation, { input }]) => ({
    codec: queryCodec(model, operation),
    names: [...leaves(model, { target: input }, "")].map((path) => path.slice(1)),
  }));
});

/** The names of the parameters of an input's scalars, with one item in each list and map. */
function* leaves(model: ServiceModel, { target }: Member, path: string): Generator<string> {
  const shape = model.shape(target);
  if (shape.type === "structure") {
    for (const [name, member] of Object.entries(shape.members ?? {})) yield* leaves(model, member, `${path}.${name}`);
  } else if (shape.type === "list") {
    yield* leaves(model, shape.member!, `${path}.member.1`);
  } else if (shape.type === "map") {
    yield `${path}.entry.1.key`;
    yield* leaves(model, shape.value!, `${path}.entry.1.value`);
  } else {
    yield path;
  }
}

/** Any characters at all: fast-check's own unit for them takes a second to be made. */
const character = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));
const text = (maxLength = 40) => fc.string({ unit: character, maxLength });
const syntax = fc.string({ unit: fc.constantFrom(..."%=&.+02fC\u00e9"), maxLength: 30 });
const operation = fc.constantFrom(...codecs);
const type = { numRuns: 3000 };

/** True where it was accepted. Anything but a ProtocolException is a bug. */
const decodes = ({ codec }: (typeof codecs)[number], body: string): boolean => {
  try {
    codec.decodeInput(parseQuery(body));
    return true;
  } catch (error) {
    assert(error instanceof ProtocolException, `${codec.name} ${body}: ${error}`);
    assert(["MalformedInput", "ValidationError"].includes(error.code));
    assert(error.message.length < 300_000);
    return false;
  }
};

suite("whatever is sent", () => {
  test("text is decoded or refused", () => {
    fc.assert(
      fc.property(operation, fc.oneof(text(), syntax, fc.string()), (of, body) => {
        decodes(of, body);
      }),
      type,
    );
  });

  test("parameters of the model and around it are decoded or refused", () => {
    const value = fc.oneof(
      text().map((value) => encodeURIComponent(value.toWellFormed())),
      fc.constantFrom("", "true", "1", "-1", "2147483648", "/", "arn:aws:iam::111122223333:user/Bob", "Active"),
    );
    const step = fc.constantFrom("member", "entry", "key", "value", "1", "2", "0", "999999999", "__proto__", "", "Key");
    const changed = (name: string, steps: readonly string[], at: number) => {
      const parts = name.split(".");
      parts.splice(at % (parts.length + 1), at % 3, ...steps);
      return parts.join(".");
    };
    const change = fc.tuple(fc.nat(), fc.array(step, { maxLength: 2 }), fc.nat(), value);
    let accepted = 0;
    fc.assert(
      fc.property(operation, fc.array(change, { maxLength: 8 }), fc.nat(), (of, changes, mask) => {
        const parts = changes.map(([which, steps, at, value], i) => {
          const name = of.names[which % of.names.length] ?? "None";
          return `${(mask >> i) & 1 ? name : changed(name, steps, at)}=${value}`;
        });
        if (decodes(of, parts.join("&"))) accepted++;
      }),
      type,
    );
    assert(accepted > 0 && accepted < type.numRuns);
  });

  test("parameters come back as they were sent, in any order", () => {
    const pairs = fc.uniqueArray(fc.tuple(text(12), text(12)), { selector: ([name]) => name.toWellFormed() });
    fc.assert(
      fc.property(pairs, fc.boolean(), (pairs, plus) => {
        const sent = pairs.map((pair) => pair.map((part) => part.toWellFormed()) as [string, string]);
        const encoded = (part: string) => {
          const percent = encodeURIComponent(part);
          return plus ? percent.replaceAll("%20", "+") : percent;
        };
        const body = sent.map((pair) => pair.map(encoded).join("=")).join("&");
        assert.deepEqual([...parseQuery(body)], sent);
      }),
      { numRuns: 500 },
    );
  });
});

test("no expression of the models takes long for a long value", () => {
  const long = ["/", "/a", "-a", "1", "a"].map((unit) => unit.repeat((1 << 20) / unit.length));
  const started = performance.now();
  for (const of of codecs.filter(({ codec }) => /^(Create|AssumeRole)/.test(codec.name))) {
    for (const name of of.names) for (const value of long) decodes(of, `${name}=${value}`);
  }
  assert(performance.now() - started < 60_000);
});
