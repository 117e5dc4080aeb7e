import type { Member, ServiceModel, Traits } from "./model.ts";
import { list, pairs, record, type ScalarForms, scalarEncoder } from "./scalars.ts";

/** The services that speak AWS Query, by the names in credential scopes, and the namespaces of their answers. */
export const NAMESPACES = {
  iam: "https://iam.amazonaws.com/doc/2010-05-08/",
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
} as const;

export type QueryService = keyof typeof NAMESPACES;

/** @param result what stands in the result; undefined for an operation without output, which has none */
export function queryAnswer(
  service: QueryService,
  operation: string,
  result: string | undefined,
  requestId: string,
): string {
  const wrapped = result === undefined ? "" : element(`${operation}Result`, result);
  const metadata = element("ResponseMetadata", element("RequestId", escaped(requestId)));
  return root(`${operation}Response`, service, wrapped + metadata);
}

export interface QueryError {
  readonly service: QueryService;
  readonly code: string;
  /** undefined or empty where AWS has none */
  readonly message?: string | undefined;
  readonly status: number;
  readonly requestId: string;
}

export function queryError({ service, code, message, status, requestId }: QueryError): string {
  const error =
    element("Type", status < 500 ? "Sender" : "Receiver") +
    element("Code", escaped(code)) +
    (message ? element("Message", escaped(message)) : "");
  return root("ErrorResponse", service, element("Error", error) + element("RequestId", escaped(requestId)));
}

function root(name: string, service: QueryService, content: string): string {
  return `<${name} xmlns="${NAMESPACES[service]}">${content}</${name}>`;
}

function element(name: string, content: string): string {
  return content === "" ? `<${name}/>` : `<${name}>${content}</${name}>`;
}

/**
 * Takes a value of the model to the content of its element. Members stand in the model's order; those that are
 * undefined, null or unknown to the model are left out.
 * @throws TypeError for a value of another type than the model's
 */
export type XmlEncode = (value: unknown) => string;

/** Compiles a shape to closures, so that nothing of the model is read while a request is served. */
export function compileXmlEncoder(model: ServiceModel, id: string): XmlEncode {
  return new Compiler(model).compile({ target: id });
}

class Compiler {
  readonly #model: ServiceModel;
  readonly #structures = new Map<string, XmlEncode>();

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  compile({ target }: Member): XmlEncode {
    const shape = this.#model.shape(target);
    switch (shape.type) {
      case "structure":
        return this.#structure(target);
      case "list":
      case "map": {
        const elements = this.#elements(target);
        const name = shape.type === "map" ? "entry" : elementName("member", shape.member?.traits);
        return (value) =>
          elements(value)
            .map((content) => element(name, content))
            .join("");
      }
      default:
        break;
    }
    const scalar = scalarEncoder(shape.type, xml);
    if (scalar === undefined) throw new Error(`${target} is of a type that is not known here: ${shape.type}`);
    return scalar;
  }

  /** What stands under a member's name: one element, or for a flattened list or map one for each that it holds. */
  #member(name: string, member: Member): XmlEncode {
    if (member.traits?.["smithy.api#xmlFlattened"] !== undefined) {
      const elements = this.#elements(member.target);
      return (value) =>
        elements(value)
          .map((content) => element(name, content))
          .join("");
    }
    const encode = this.compile(member);
    return (value) => element(name, encode(value));
  }

  /** The contents of the elements of a list or a map. */
  #elements(id: string): (value: unknown) => string[] {
    const { key, value: of, member } = this.#model.shape(id);
    if (member !== undefined) {
      const encode = this.compile(member);
      return (value) => list(value).map((item) => encode(item));
    }
    const keyName = elementName("key", key?.traits);
    const valueName = elementName("value", of?.traits);
    const encode = this.compile(of as Member);
    return (value) =>
      pairs(value).map(([name, mapped]) => element(keyName, escaped(name)) + element(valueName, encode(mapped)));
  }

  #structure(id: string): XmlEncode {
    const known = this.#structures.get(id);
    if (known !== undefined) return known;
    const members: { readonly name: string; readonly encode: XmlEncode }[] = [];
    const encode: XmlEncode = (value) => {
      const object = record(value, "a structure");
      let text = "";
      for (const { name, encode } of members) {
        const given = object[name];
        if (given !== undefined && given !== null) text += encode(given);
      }
      return text;
    };
    this.#structures.set(id, encode); // before its members: a shape may contain itself
    for (const [name, member] of Object.entries(this.#model.shape(id).members ?? {})) {
      members.push({ name, encode: this.#member(elementName(name, member.traits), member) });
    }
    return encode;
  }
}

function elementName(name: string, traits: Traits | undefined): string {
  return (traits?.["smithy.api#xmlName"] as string | undefined) ?? name;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#xD;", // a parser would read a bare one as a line feed
};

/** U+FFFD for what XML 1.0 cannot hold, not even as a character reference. */
function escaped(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (character) => ESCAPES[character] ?? "\ufffd");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[&<>"'\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g;

const xml: ScalarForms = {
  string: escaped,
  blob: (base64) => base64,
  /** ISO 8601 in UTC. AWS says whole seconds. */
  timestamp: (time) => time.toISOString().replace(/\.\d{3}Z$/, "Z"),
};
