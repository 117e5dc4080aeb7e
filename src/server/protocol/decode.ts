import { type Check, compileChecks, describe } from "./constraints.ts";
import { SerializationException } from "./errors.ts";
import type { Member, ServiceModel, Traits } from "./model.ts";

/**
 * Takes a JSON value to a value of the model. What breaks a constraint is added to `failures`, in AWS's words;
 * what is of the wrong type ends it all.
 * @param path where the value stands, as messages name it
 */
export type Decoder = (value: unknown, path: string, failures: string[]) => unknown;

/** Compiles the decoder of a shape: closures, so that nothing of the model is read while a request is served. */
export function compileDecoder(model: ServiceModel, id: string): Decoder {
  return new Compiler(model).decoder({ target: id });
}

class Compiler {
  readonly #model: ServiceModel;
  readonly #structures = new Map<string, Decoder>();

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  /** @param joint what stands between a structure's path and its members'; nothing at the top */
  decoder(member: Member, joint = ""): Decoder {
    const shape = this.#model.shape(member.target);
    const traits: Traits = { ...shape.traits, ...member.traits };
    switch (shape.type) {
      case "structure":
        return joint === "" ? this.#structure(member.target) : this.#nested(this.#structure(member.target));
      case "list":
        return this.#list(shape.member as Member, traits);
      case "map":
        return this.#map(shape.key as Member, shape.value as Member, traits);
      case "string":
        return scalar(decodeString, compileChecks(traits), isSensitive(traits));
      case "enum": {
        const values = Object.entries(shape.members ?? {}).map(
          ([name, value]) => (value.traits?.["smithy.api#enumValue"] as string | undefined) ?? name,
        );
        return scalar(decodeString, compileChecks(traits, values), isSensitive(traits));
      }
      case "blob":
        return scalar(decodeBlob, compileChecks(traits), true);
      case "integer":
        return scalar(decodeInteger, compileChecks(traits), isSensitive(traits));
      case "boolean":
        return decodeBoolean;
      case "timestamp":
        return decodeTimestamp;
      default:
        throw new Error(`the model has a shape of type ${shape.type}, which is not known here: ${member.target}`);
    }
  }

  #structure(id: string): Decoder {
    const known = this.#structures.get(id);
    if (known !== undefined) return known;
    const members: { name: string; label: string; required: boolean; decode: Decoder }[] = [];
    const decode: Decoder = (value, path, failures) => {
      const object = asObject(value);
      const result: Record<string, unknown> = {};
      for (const member of members) {
        // An own member: what the prototype has was not sent.
        const given = Object.hasOwn(object, member.name) ? object[member.name] : undefined;
        if (given !== undefined && given !== null) {
          result[member.name] = member.decode(given, path + member.label, failures);
        } else if (member.required) {
          failures.push(describe("null", path + member.label, "Member must not be null"));
        }
      }
      return result;
    };
    this.#structures.set(id, decode); // before its members: a shape may contain itself
    for (const [name, member] of Object.entries(this.#model.shape(id).members ?? {})) {
      members.push({
        name,
        label: lowerFirst(name),
        required: member.traits?.["smithy.api#required"] !== undefined,
        decode: this.decoder(member, "."),
      });
    }
    return decode;
  }

  #nested(decode: Decoder): Decoder {
    return (value, path, failures) => decode(value, `${path}.`, failures);
  }

  #list(item: Member, traits: Traits): Decoder {
    const decode = this.decoder(item, ".");
    const checks = compileChecks(traits);
    return (value, path, failures) => {
      if (!Array.isArray(value)) throw wrongType(value, "a List");
      check(checks, value, path, failures, false);
      return value.map((element, i) => {
        if (element === null) throw new SerializationException("Null found in a list where a value was expected.");
        return decode(element, `${path}.${i + 1}.member`, failures);
      });
    };
  }

  #map(key: Member, value: Member, traits: Traits): Decoder {
    const decodeKey = this.decoder(key);
    const decodeValue = this.decoder(value, ".");
    const checks = compileChecks(traits);
    return (given, path, failures) => {
      const object = asObject(given);
      check(checks, object, path, failures, false);
      const result: Record<string, unknown> = Object.create(null); // "__proto__" is a name like others
      for (const name of Object.keys(object)) {
        const element = object[name];
        if (element === null) throw new SerializationException("Null found in a map where a value was expected.");
        decodeKey(name, `${path}.key`, failures);
        result[name] = decodeValue(element, `${path}.${name}.value`, failures);
      }
      return result;
    };
  }
}

function scalar(decode: (value: unknown) => unknown, checks: readonly Check[], hidden: boolean): Decoder {
  if (checks.length === 0) return decode;
  return (value, path, failures) => {
    const decoded = decode(value);
    check(checks, decoded, path, failures, hidden);
    return decoded;
  };
}

function check(checks: readonly Check[], value: unknown, path: string, failures: string[], hidden: boolean): void {
  for (const { holds, text } of checks) {
    if (!holds(value)) failures.push(describe(hidden ? undefined : value, path, text));
  }
}

function decodeString(value: unknown): string {
  if (typeof value !== "string") throw wrongType(value, "a String");
  // A lone surrogate is no character: as UTF-8 it would become another one, and two different strings the same.
  if (!value.isWellFormed()) throw new SerializationException("A string is not well-formed Unicode.");
  return value;
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

function decodeBlob(value: unknown): Buffer {
  if (typeof value !== "string") throw wrongType(value, "a Blob");
  const bytes = Buffer.from(value, "base64");
  // Node skips what is no base64 and reads base64url too: only what has the very length and alphabet will do.
  if (value.length % 4 !== 0 || !BASE64.test(value)) throw new SerializationException("A blob is not valid Base64.");
  return bytes;
}

function decodeInteger(value: unknown): number {
  if (typeof value !== "number") throw wrongType(value, "an Integer");
  if (!Number.isInteger(value) || value > 0x7fffffff || value < -0x80000000) {
    throw new SerializationException("A number is not a 32-bit integer.");
  }
  return value;
}

function decodeBoolean(value: unknown): boolean {
  if (typeof value !== "boolean") throw wrongType(value, "a Boolean");
  return value;
}

function decodeTimestamp(value: unknown): Date {
  if (typeof value !== "number") throw wrongType(value, "a Timestamp");
  const date = new Date(value * 1000);
  if (Number.isNaN(date.getTime())) throw new SerializationException("A timestamp is out of range.");
  return date;
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrongType(value, "a Structure");
  return value as Record<string, unknown>;
}

/** AWS's wording, as its services give it. Never says the value. */
function wrongType(value: unknown, wanted: string): SerializationException {
  if (Array.isArray(value)) return new SerializationException("Start of list found where not expected");
  if (typeof value === "object" && value !== null) {
    return new SerializationException("Start of structure or map found where not expected.");
  }
  const found =
    value === null
      ? "NULL_VALUE"
      : typeof value === "boolean"
        ? `${String(value).toUpperCase()}_VALUE`
        : `${(typeof value).toUpperCase()}_VALUE`;
  return new SerializationException(`${found} can not be converted to ${wanted}`);
}

function isSensitive(traits: Traits): boolean {
  return traits["smithy.api#sensitive"] !== undefined;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
