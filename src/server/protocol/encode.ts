import type { Member, ServiceModel } from "./model.ts";

/**
 * Takes a value of the model to JSON. Members stand in the model's order; those that are undefined, null or unknown to
 * the model are left out.
 * @throws TypeError for a value of another type than the model's
 */
export type Encode = (value: unknown) => string;

/** Compiles a shape to closures, so that nothing of the model is read while a request is served. */
export function compileEncoder(model: ServiceModel, id: string): Encode {
  return new Compiler(model).compile({ target: id });
}

class Compiler {
  readonly #model: ServiceModel;
  readonly #structures = new Map<string, Encode>();

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  compile({ target }: Member): Encode {
    const shape = this.#model.shape(target);
    switch (shape.type) {
      case "structure":
        return this.#structure(target);
      case "list":
        return list(this.compile(shape.member as Member));
      case "map":
        return map(this.compile(shape.value as Member));
      case "string":
      case "enum":
        return string;
      case "blob":
        return blob;
      case "boolean":
        return boolean;
      case "integer":
      case "long":
        return integer;
      case "timestamp":
        return timestamp;
      default:
        throw new Error(`${target} is of a type that is not known here: ${shape.type}`);
    }
  }

  #structure(id: string): Encode {
    const known = this.#structures.get(id);
    if (known !== undefined) return known;
    const members: { readonly name: string; readonly label: string; readonly encode: Encode }[] = [];
    const encode: Encode = (value) => {
      const object = record(value, "a structure");
      let text = "";
      for (const { name, label, encode } of members) {
        const given = object[name];
        if (given === undefined || given === null) continue;
        text += (text === "" ? "{" : ",") + label + encode(given);
      }
      return text === "" ? "{}" : `${text}}`;
    };
    this.#structures.set(id, encode); // before its members: a shape may contain itself
    for (const [name, member] of Object.entries(this.#model.shape(id).members ?? {})) {
      members.push({ name, label: `${JSON.stringify(name)}:`, encode: this.compile(member) });
    }
    return encode;
  }
}

function list(encode: Encode): Encode {
  return (value) => {
    if (!Array.isArray(value)) throw wrong("a list");
    return `[${value.map((item) => encode(item)).join(",")}]`;
  };
}

function map(encode: Encode): Encode {
  return (value) => {
    const pairs = Object.entries(record(value, "a map")).filter(([, item]) => item !== undefined && item !== null);
    return `{${pairs.map(([name, item]) => `${JSON.stringify(name)}:${encode(item)}`).join(",")}}`;
  };
}

function string(value: unknown): string {
  if (typeof value !== "string") throw wrong("a string");
  return JSON.stringify(value);
}

function blob(value: unknown): string {
  if (!(value instanceof Uint8Array)) throw wrong("a blob");
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return `"${bytes.toString("base64")}"`;
}

function boolean(value: unknown): string {
  if (typeof value !== "boolean") throw wrong("a boolean");
  return value ? "true" : "false";
}

function integer(value: unknown): string {
  if (!Number.isSafeInteger(value)) throw wrong("an integer");
  return String(value);
}

/** Epoch seconds, with milliseconds behind the point. */
function timestamp(value: unknown): string {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw wrong("a timestamp");
  return String(value.getTime() / 1000);
}

function record(value: unknown, expected: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(expected);
  return value as Readonly<Record<string, unknown>>;
}

/** Never says the value: it may be a key. */
function wrong(expected: string): TypeError {
  return new TypeError(`${expected} was to be encoded, and is not one`);
}
