import type { Member, ServiceModel } from "./model.ts";

/** Compiles the encoder of a shape; members that the model does not have are left out, as are undefined ones. */
export function compileEncoder(model: ServiceModel, id: string): (value: object) => string {
  return new Compiler(model).encoder({ target: id }) as (value: object) => string;
}

type Encode = (value: unknown) => string;

class Compiler {
  readonly #model: ServiceModel;
  readonly #structures = new Map<string, Encode>();

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  encoder(member: Member): Encode {
    const shape = this.#model.shape(member.target);
    switch (shape.type) {
      case "structure":
        return this.#structure(member.target);
      case "list": {
        const encode = this.encoder(shape.member as Member);
        return (value) => `[${(value as unknown[]).map(encode).join(",")}]`;
      }
      case "map": {
        const encode = this.encoder(shape.value as Member);
        return (value) =>
          `{${Object.entries(value as object)
            .map(([name, element]) => `${JSON.stringify(name)}:${encode(element)}`)
            .join(",")}}`;
      }
      case "blob":
        return (value) => `"${(Buffer.isBuffer(value) ? value : Buffer.from(value as Uint8Array)).toString("base64")}"`;
      case "timestamp":
        return (value) => String((value as Date).getTime() / 1000);
      default:
        return JSON.stringify;
    }
  }

  #structure(id: string): Encode {
    const known = this.#structures.get(id);
    if (known !== undefined) return known;
    const members: { name: string; label: string; encode: Encode }[] = [];
    const encode: Encode = (value) => {
      const object = value as Record<string, unknown>;
      let text = "";
      for (const member of members) {
        const given = object[member.name];
        if (given === undefined || given === null) continue;
        text += (text === "" ? "{" : ",") + member.label + member.encode(given);
      }
      return text === "" ? "{}" : `${text}}`;
    };
    this.#structures.set(id, encode);
    for (const [name, member] of Object.entries(this.#model.shape(id).members ?? {})) {
      members.push({ name, label: `${JSON.stringify(name)}:`, encode: this.encoder(member) });
    }
    return encode;
  }
}
