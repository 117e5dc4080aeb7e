/** A request that is not what the model says. Leaves as HTTP 400. */
export abstract class ProtocolException extends Error {
  /** `__type` or `<Code>` on the wire */
  readonly code: string;

  constructor(message = "") {
    super(message);
    this.code = new.target.name;
  }
}

/** Not JSON, or JSON of the wrong type in some place. */
export class SerializationException extends ProtocolException {}

/** Of the right type, but missing, too long, out of range, or not of the form the model asks for. */
export class ValidationException extends ProtocolException {}

/** What AWS Query has for SerializationException. */
export class MalformedInput extends ProtocolException {}

/** What AWS Query has for ValidationException. */
export class ValidationError extends ProtocolException {}
