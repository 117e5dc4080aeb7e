/** A request that is not what the model says. Leaves as HTTP 400. */
export abstract class ProtocolException extends Error {
  /** `__type` or `<Code>` on the wire */
  readonly code: string;
  /** the member KeyId of an input that could be read and was not valid: an auditor asks which key was tried */
  readonly keyId: string | undefined;

  constructor(message = "", keyId?: string) {
    super(message);
    this.code = new.target.name;
    this.keyId = keyId;
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
