import { type Check, compileChecks, type Dialect, type Faults } from "./constraints.ts";
import { SerializationException } from "./errors.ts";
import type { Member, ServiceModel, Shape, Traits } from "./model.ts";

/** How a protocol writes values. Each throws a ProtocolException for what is of another type, and never says the value. */
export interface Wire {
  /** a structure's member as the protocol names it */
  readonly memberName: (name: string, traits: Traits) => string;
  readonly structure: (value: unknown) => Readonly<Record<string, unknown>>;
  /** how a list is read that has this shape, and these traits where a member leads to it */
  readonly list: (shape: Shape, traits: Traits) => (value: unknown) => readonly unknown[];
  readonly map: (shape: Shape, traits: Traits) => (value: unknown) => Readonly<Record<string, unknown>>;
  /** also of a map's keys, which come as strings */
  readonly string: (value: unknown) => string;
  readonly blob: (value: unknown) => Buffer;
  readonly boolean: (value: unknown) => boolean;
  readonly integer: (value: unknown) => number;
  readonly long: (value: unknown) => number;
  readonly timestamp: (value: unknown) => Date;
}

/**
 * Takes a value of the wire to one of the model: null-prototype objects for maps, Buffers for blobs, Dates for
 * timestamps. Defaults of the model are not filled in: what was not sent is undefined.
 * @param faults learns of the constraints that the value breaks
 * @throws ProtocolException for what is of the wrong type
 */
export type Decode = (value: unknown, faults: Faults) => unknown;

/** Compiles a shape to closures, so that nothing of the model is read while a request is served. */
export function compileDecoder(model: ServiceModel, id: string, wire: Wire, dialect: Dialect): Decode {
  return new Compiler(model, wire, dialect).compile({ target: id }, false).decode;
}

/** A shape where a member leads to it. */
interface Place {
  readonly decode: Decode;
  /** on what was decoded, for whoever holds it to make: a structure says which member is wrong, a list only that one is */
  readonly checks: readonly Check[];
  /** of a sensitive shape, or in one */
  readonly secret: boolean;
  /** whether a message may say the value */
  readonly quotable: boolean;
}

interface MemberPlace extends Place {
  readonly name: string;
  /** as the protocol names it */
  readonly wireName: string;
  /** as messages name it */
  readonly label: string;
  readonly required: boolean;
}

/** Steps from the top. No model is as deep; only a shape that contains itself could be made to be. */
const MAX_DEPTH = 64;

class Compiler {
  readonly #model: ServiceModel;
  readonly #wire: Wire;
  readonly #dialect: Dialect;
  readonly #structures = new Map<string, Decode>();

  constructor(model: ServiceModel, wire: Wire, dialect: Dialect) {
    this.#model = model;
    this.#wire = wire;
    this.#dialect = dialect;
  }

  compile({ target, traits: overriding }: Member, inSecret: boolean): Place {
    const wire = this.#wire;
    const shape = this.#model.shape(target);
    const traits = { ...shape.traits, ...overriding };
    const checks = compileChecks(shape, traits, this.#dialect);
    const secret = inSecret || traits["smithy.api#sensitive"] !== undefined;
    switch (shape.type) {
      case "structure":
        return { decode: this.#structure(target, secret), checks, secret, quotable: false };
      case "list": {
        const item = this.compile(shape.member as Member, secret);
        return { decode: this.#list(wire.list(shape, traits), item), checks, secret, quotable: item.quotable };
      }
      case "map": {
        const key = this.compile(shape.key as Member, secret);
        const value = this.compile(shape.value as Member, secret);
        const decode = this.#map(wire.map(shape, traits), key, value);
        return { decode, checks, secret, quotable: key.quotable && value.quotable };
      }
      case "blob":
        return { decode: wire.blob, checks, secret, quotable: false };
      case "string":
      case "enum":
        return { decode: wire.string, checks, secret, quotable: !secret };
      case "boolean":
      case "integer":
      case "long":
      case "timestamp":
        return { decode: wire[shape.type], checks, secret, quotable: !secret };
      default:
        throw new Error(`${target} is of a type that is not known here: ${shape.type}`);
    }
  }

  #structure(id: string, secret: boolean): Decode {
    const known = this.#structures.get(`${id} ${secret}`);
    if (known !== undefined) return known;
    const wire = this.#wire;
    const members: MemberPlace[] = [];
    const decode: Decode = (value, faults) => {
      const object = wire.structure(value);
      const { path } = faults;
      if (path.length > MAX_DEPTH) throw new SerializationException("Structures are nested too deeply.");
      const result: Record<string, unknown> = {};
      for (const member of members) {
        const given = object[member.wireName];
        // Own: what the prototype has was not sent.
        if (given === undefined || given === null || !Object.hasOwn(object, member.wireName)) {
          if (member.required) missing(member, faults);
          continue;
        }
        path.push(member.label);
        const decoded = member.decode(given, faults);
        for (const check of member.checks) {
          if (!check.holds(decoded)) faults.add(check.text, member.quotable ? decoded : undefined);
        }
        path.pop();
        result[member.name] = decoded;
      }
      return result;
    };
    this.#structures.set(`${id} ${secret}`, decode); // before its members: a shape may contain itself
    for (const [name, member] of Object.entries(this.#model.shape(id).members ?? {})) {
      members.push({
        ...this.compile(member, secret),
        name,
        wireName: wire.memberName(name, member.traits ?? {}),
        label: name.charAt(0).toLowerCase() + name.slice(1),
        required: member.traits?.["smithy.api#required"] !== undefined,
      });
    }
    return decode;
  }

  #list(read: ReturnType<Wire["list"]>, item: Place): Decode {
    const constraint = this.#together("Member must satisfy constraint", item);
    return (value, faults) => {
      const decoded: unknown[] = [];
      for (const given of read(value)) {
        if (given === null) throw new SerializationException("null found in a list where a value was expected");
        faults.path.push(decoded.length);
        decoded.push(item.decode(given, faults));
        faults.path.pop();
      }
      if (constraint !== undefined && !decoded.every(constraint.holds)) {
        faults.add(constraint.text, item.quotable ? decoded : undefined);
      }
      return decoded;
    };
  }

  #map(read: ReturnType<Wire["map"]>, key: Place, value: Place): Decode {
    const keyConstraint = this.#together("Map keys must satisfy constraint", key);
    const valueConstraint = this.#together("Map value must satisfy constraint", value);
    return (given, faults) => {
      const object = read(given);
      const decoded: Record<string, unknown> = { __proto__: null }; // so that "__proto__" is a name like others
      const names = Object.keys(object);
      for (const name of names) {
        if (object[name] === null) throw new SerializationException("null found in a map where a value was expected");
        key.decode(name, faults);
        faults.path.push(key.secret ? "*" : name);
        decoded[name] = value.decode(object[name], faults);
        faults.path.pop();
      }
      const shown = key.quotable && value.quotable ? decoded : undefined;
      if (keyConstraint !== undefined && !names.every(keyConstraint.holds)) faults.add(keyConstraint.text, shown);
      if (valueConstraint !== undefined && !Object.values(decoded).every(valueConstraint.holds)) {
        faults.add(valueConstraint.text, shown);
      }
      return decoded;
    };
  }

  /** Of what a list or map holds, AWS says all constraints when one is broken, and names only the whole. */
  #together(words: string, { checks }: Place): Check | undefined {
    if (checks.length === 0) return undefined;
    const texts = [...checks.map(({ text }) => text), ...this.#dialect.ofEach];
    return { holds: (value) => checks.every((check) => check.holds(value)), text: `${words}: [${texts.join(", ")}]` };
  }
}

function missing(member: MemberPlace, faults: Faults): void {
  faults.path.push(member.label);
  faults.add("Member must not be null", member.secret ? undefined : null);
  faults.path.pop();
}
