import { readFileSync } from "node:fs";
import { compileDecoder } from "./decode.ts";
import { compileEncoder } from "./encode.ts";
import { SerializationException, ValidationException } from "./errors.ts";

/** A shape of a Smithy model in its JSON form: https://smithy.io/2.0/spec/json-ast.html */
export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, Member>>;
  readonly member?: Member;
  readonly key?: Member;
  readonly value?: Member;
  readonly traits?: Traits;
  readonly input?: { readonly target: string };
  readonly output?: { readonly target: string };
}

export interface Member {
  readonly target: string;
  readonly traits?: Traits;
}

export type Traits = Readonly<Record<string, unknown>>;

/** A service as its Smithy model has it. Shapes are looked at when an operation is compiled, never while one is served. */
export class ServiceModel {
  readonly #shapes: Readonly<Record<string, Shape>>;
  /** what stands before the operation in `X-Amz-Target` */
  readonly targetPrefix: string;
  /** by their bare names */
  readonly operations: ReadonlyMap<string, Shape>;

  constructor(json: { readonly shapes: Readonly<Record<string, Shape>> }) {
    this.#shapes = json.shapes;
    const service = Object.entries(json.shapes).find(([, shape]) => shape.type === "service");
    if (service === undefined) throw new Error("the model has no service");
    this.targetPrefix = bareName(service[0]);
    const { operations } = service[1] as unknown as { operations: { target: string }[] };
    this.operations = new Map(operations.map(({ target }) => [bareName(target), this.shape(target)]));
  }

  /** @throws Error when the model names a shape that it lacks */
  shape(id: string): Shape {
    const shape = this.#shapes[id] ?? prelude[id];
    if (shape === undefined) throw new Error(`the model has no shape ${id}`);
    return shape;
  }
}

/** Shapes that every model has without saying so. */
const prelude: Readonly<Record<string, Shape>> = {
  "smithy.api#Unit": { type: "structure", members: {} },
  "smithy.api#String": { type: "string" },
  "smithy.api#Boolean": { type: "boolean" },
  "smithy.api#Integer": { type: "integer" },
  "smithy.api#Timestamp": { type: "timestamp" },
  "smithy.api#Blob": { type: "blob" },
};

const UNIT = "smithy.api#Unit";

export function bareName(id: string): string {
  return id.slice(id.indexOf("#") + 1);
}

/** Reads a model from its file. */
export function loadModel(path: string | URL): ServiceModel {
  return new ServiceModel(JSON.parse(readFileSync(path, "utf8")));
}

/** AWS JSON 1.1 of one operation. */
export interface OperationCodec {
  readonly name: string;
  /**
   * @param body the HTTP body; empty means no members
   * @returns the input, valid: blobs are Buffers, timestamps Dates, absent and null members undefined
   * @throws SerializationException, ValidationException
   */
  decodeInput(body: string): unknown;
  /** The HTTP body; empty for an operation without output. */
  encodeOutput(output: object | undefined): string;
}

/** Compiles an operation's coding when it is first used: a model has more operations than one client calls. */
export function jsonCodec(model: ServiceModel, name: string): OperationCodec {
  const operation = model.operations.get(name);
  if (operation === undefined) throw new Error(`the model has no operation ${name}`);
  const inputId = operation.input?.target ?? UNIT;
  const outputId = operation.output?.target ?? UNIT;
  let decode: ReturnType<typeof compileDecoder> | undefined;
  let encode: ReturnType<typeof compileEncoder> | undefined;
  return {
    name,
    decodeInput(body) {
      decode ??= compileDecoder(model, inputId);
      const failures: string[] = [];
      const input = decode(parseObject(body), "", failures);
      if (failures.length > 0) throw new ValidationException(summary(failures));
      return input;
    },
    encodeOutput(output) {
      if (outputId === UNIT) return "";
      encode ??= compileEncoder(model, outputId);
      return encode(output ?? {});
    },
  };
}

function parseObject(body: string): unknown {
  if (body === "") return {};
  try {
    return JSON.parse(body);
  } catch {
    // The parser's own message quotes what it read, and that may be a plaintext.
    throw new SerializationException("The request body is not valid JSON.");
  }
}

/** A message is answered and logged: a thousand failures need not all be in it. */
const MAX_FAILURES = 20;

function summary(failures: readonly string[]): string {
  const count = `${failures.length} validation error${failures.length === 1 ? "" : "s"} detected`;
  return `${count}: ${failures.slice(0, MAX_FAILURES).join("; ")}`;
}
