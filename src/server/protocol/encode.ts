import type { Member, ServiceModel } from "./model.ts";
import { list, pairs, record, type ScalarForms, scalarEncoder } from "./scalars.ts";

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
        return listOf(this.compile(shape.member as Member));
      case "map":
        return mapOf(this.compile(shape.value as Member));
      default:
        break;
    }
    const scalar = scalarEncoder(shape.type, json);
    if (scalar === undefined) throw new Error(`${target} is of a type that is not known here: ${shape.type}`);
    return scalar;
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

const json: ScalarForms = {
  string: JSON.stringify,
  blob: (base64) => `"${base64}"`,
  /** Epoch seconds, with milliseconds behind the point. */
  timestamp: (time) => String(time.getTime() / 1000),
};

function listOf(encode: Encode): Encode {
  return (value) =>
    `[${list(value)
      .map((item) => encode(item))
      .join(",")}]`;
}

function mapOf(encode: Encode): Encode {
  return (value) =>
    `{${pairs(value)
      .map(([name, item]) => `${JSON.stringify(name)}:${encode(item)}`)
      .join(",")}}`;
}
