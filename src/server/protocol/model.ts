import { readFileSync } from "node:fs";

export { jsonCodec, type OperationCodec } from "./json.ts";

/** A shape of a Smithy model in its JSON form: https://smithy.io/2.0/spec/json-ast.html */
export interface Shape {
  readonly type: string;
  /** of a structure, or the values of an enum */
  readonly members?: Readonly<Record<string, Member>>;
  /** of a list */
  readonly member?: Member;
  /** of a map */
  readonly key?: Member;
  readonly value?: Member;
  /** of an operation */
  readonly input?: Member;
  readonly output?: Member;
  /** of a service */
  readonly version?: string;
  readonly operations?: readonly Member[];
  readonly traits?: Traits;
}

export interface Member {
  readonly target: string;
  readonly traits?: Traits;
}

export type Traits = Readonly<Record<string, unknown>>;

/** An operation, with the ids of its input's and its output's structures. */
export interface OperationShape {
  readonly input: string;
  /** undefined for an operation that answers with nothing */
  readonly output: string | undefined;
}

const UNIT = "smithy.api#Unit";

/** What every model may name without having it. */
const prelude: Readonly<Record<string, Shape>> = {
  [UNIT]: { type: "structure" },
  "smithy.api#String": { type: "string" },
  "smithy.api#Boolean": { type: "boolean" },
  "smithy.api#PrimitiveBoolean": { type: "boolean" },
  "smithy.api#Integer": { type: "integer" },
  "smithy.api#PrimitiveInteger": { type: "integer" },
  "smithy.api#Long": { type: "long" },
  "smithy.api#PrimitiveLong": { type: "long" },
  "smithy.api#Timestamp": { type: "timestamp" },
  "smithy.api#Blob": { type: "blob" },
};

/** A service as its Smithy model has it, whatever protocol it is spoken in. Read when an operation is compiled, never while one is served. */
export class ServiceModel {
  /** AWS's short name: "KMS" */
  readonly name: string;
  /** "2014-11-01" */
  readonly version: string;
  /** what stands before the operation in `X-Amz-Target`: "TrentService" */
  readonly targetPrefix: string;
  /** by their bare names, in the model's order */
  readonly operations: ReadonlyMap<string, OperationShape>;
  readonly #shapes: Readonly<Record<string, Shape>>;

  /** @throws Error when it is no model of a service */
  constructor(json: { readonly shapes: Readonly<Record<string, Shape>> }) {
    this.#shapes = json.shapes;
    const found = Object.entries(json.shapes).find(([, shape]) => shape.type === "service");
    if (found === undefined) throw new Error("the model has no service");
    const [id, service] = found;
    this.targetPrefix = bareName(id);
    this.name = (service.traits?.["aws.api#service"] as { sdkId?: string } | undefined)?.sdkId ?? this.targetPrefix;
    this.version = service.version ?? "";
    this.operations = new Map(
      (service.operations ?? []).map(({ target }) => [bareName(target), operationShape(this.shape(target))] as const),
    );
  }

  /** @throws Error when the model names a shape that it lacks */
  shape(id: string): Shape {
    const shape = this.#shapes[id] ?? prelude[id];
    if (shape === undefined) throw new Error(`the model has no shape ${id}`);
    return shape;
  }

  /** @throws Error when the service has no such operation */
  operation(name: string): OperationShape {
    const operation = this.operations.get(name);
    if (operation === undefined) throw new Error(`${this.name} has no operation ${name}`);
    return operation;
  }
}

/** @param source the model's file, or what its JSON says */
export function loadModel(source: string | URL | object): ServiceModel {
  const json = typeof source === "string" || source instanceof URL ? JSON.parse(readFileSync(source, "utf8")) : source;
  return new ServiceModel(json);
}

function operationShape({ input, output }: Shape): OperationShape {
  return { input: input?.target ?? UNIT, output: output?.target === UNIT ? undefined : output?.target };
}

function bareName(id: string): string {
  return id.slice(id.indexOf("#") + 1);
}
