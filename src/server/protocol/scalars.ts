/** How a protocol writes a scalar that is of the model's type. */
export interface ScalarForms {
  string(text: string): string;
  /** @param base64 of the bytes */
  blob(base64: string): string;
  timestamp(time: Date): string;
}

/** Takes values of a scalar type to text; undefined when the type is none. What is of another type is a TypeError. */
export function scalarEncoder(type: string, forms: ScalarForms): ((value: unknown) => string) | undefined {
  switch (type) {
    case "string":
    case "enum":
      return (value) => {
        if (typeof value !== "string") throw wrong("a string");
        return forms.string(value);
      };
    case "blob":
      return (value) => {
        if (!(value instanceof Uint8Array)) throw wrong("a blob");
        const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        return forms.blob(bytes.toString("base64"));
      };
    case "boolean":
      return (value) => {
        if (typeof value !== "boolean") throw wrong("a boolean");
        return value ? "true" : "false";
      };
    case "integer":
    case "long":
      return (value) => {
        if (!Number.isSafeInteger(value)) throw wrong("an integer");
        return String(value);
      };
    case "timestamp":
      return (value) => {
        if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw wrong("a timestamp");
        return forms.timestamp(value);
      };
    default:
      return undefined;
  }
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong("a list");
  return value;
}

export function record(value: unknown, expected: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(expected);
  return value as Readonly<Record<string, unknown>>;
}

/** The pairs of a map that have a value. */
export function pairs(value: unknown): [string, unknown][] {
  return Object.entries(record(value, "a map")).filter(([, item]) => item !== undefined && item !== null);
}

/** Never says the value: it may be a key. */
function wrong(expected: string): TypeError {
  return new TypeError(`${expected} was to be encoded, and is not one`);
}
