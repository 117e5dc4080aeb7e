import { Faults, jsonDialect } from "./constraints.ts";
import { compileDecoder, type Decode, type Wire } from "./decode.ts";
import { compileEncoder, type Encode } from "./encode.ts";
import { SerializationException } from "./errors.ts";
import type { ServiceModel } from "./model.ts";

/** AWS JSON 1.1 of one operation: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export interface OperationCodec {
  readonly name: string;
  /**
   * @param body the HTTP body; empty means no members
   * @returns the input, valid: blobs are Buffers, timestamps Dates, maps have no prototype, absent and null members are undefined
   * @throws SerializationException, ValidationException
   */
  decodeInput(body: string): unknown;
  /**
   * The HTTP body; empty for an operation without output. Members that the model does not have are left out.
   * @throws TypeError for a value that the model does not allow, which is a bug of the operation
   */
  encodeOutput(output: object | undefined): string;
}

/**
 * The coding of an operation, compiled when it is first used: a model has more operations than one client calls.
 * @throws Error when the service has no such operation
 */
export function jsonCodec(model: ServiceModel, name: string): OperationCodec {
  const { input: inputId, output: outputId } = model.operation(name);
  let decode: Decode | undefined;
  let encode: Encode | undefined;
  return {
    name,
    decodeInput(body) {
      decode ??= compileDecoder(model, inputId, json, jsonDialect);
      const faults = new Faults(jsonDialect);
      const input = decode(parse(body), faults);
      faults.throwIfAny(input);
      return input;
    },
    encodeOutput(output) {
      if (outputId === undefined) return "";
      encode ??= compileEncoder(model, outputId);
      return encode(output ?? {});
    },
  };
}

function parse(body: string): unknown {
  if (body === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    // The parser's own message quotes what it read, and that may be a plaintext. AWS says nothing here.
    throw new SerializationException();
  }
  if (value === null || typeof value !== "object") throw new SerializationException();
  return value;
}

/** The texts are those of AWS's services, as far as they are known. */
const json: Wire = {
  memberName: (name) => name,
  structure: (value) => object(value, "Expected null"),
  map: () => (value) => object(value, "Expected map or null"),
  list: () => (value) => {
    if (Array.isArray(value)) return value;
    throw typeof value === "object" ? unexpected(value, "") : new SerializationException("Expected list or null");
  },
  string(value) {
    if (typeof value !== "string") throw unexpected(value, "a String");
    // A lone surrogate is no character: as UTF-8 it would become another one, and two different strings the same.
    if (!value.isWellFormed()) throw unexpected(value, "a String: it has a lone surrogate");
    return value;
  },
  blob(value) {
    if (typeof value !== "string") throw unexpected(value, "a Blob");
    const bytes = Buffer.from(value, "base64");
    // Node passes over what is no Base64, and takes a character by its low byte. Only the one spelling that Node would
    // write itself has the alphabet, the padding and no stray bits.
    if (bytes.toString("base64") !== value) throw unexpected(value, "a Blob: it is not valid Base64");
    return bytes;
  },
  boolean(value) {
    if (typeof value === "boolean") return value;
    throw unexpected(value, typeof value === "string" ? "an Boolean" : "a Boolean");
  },
  integer(value) {
    if (typeof value !== "number" || (value | 0) !== value) throw unexpected(value, "an Integer");
    return value | 0; // -0 is 0
  },
  long(value) {
    if (typeof value !== "number" || !Number.isSafeInteger(value)) throw unexpected(value, "a Long");
    return value + 0;
  },
  timestamp(value) {
    if (typeof value !== "number") throw unexpected(value, "a Timestamp");
    const date = new Date(Math.round(value * 1000));
    if (Number.isNaN(date.getTime())) throw unexpected(value, "a Timestamp");
    return date;
  },
};

function object(value: unknown, expected: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object") throw new SerializationException(expected);
  if (Array.isArray(value)) throw unexpected(value, "");
  return value as Readonly<Record<string, unknown>>;
}

/** @param value not null: what is null was not sent */
function unexpected(value: unknown, wanted: string): SerializationException {
  if (typeof value === "object") {
    return new SerializationException(
      // with and without a full stop, as AWS has them
      Array.isArray(value)
        ? "Start of list found where not expected"
        : "Start of structure or map found where not expected.",
    );
  }
  const found = typeof value === "boolean" ? String(value) : typeof value;
  return new SerializationException(`${found.toUpperCase()}_VALUE can not be converted to ${wanted}`);
}
