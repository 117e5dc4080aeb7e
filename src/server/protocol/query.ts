import { type Dialect, Faults } from "./constraints.ts";
import { compileDecoder, type Decode } from "./decode.ts";
import { ValidationError } from "./errors.ts";
import type { ServiceModel } from "./model.ts";
import { nest } from "./queryParameters.ts";
import { queryWire } from "./queryWire.ts";
import { compileXmlEncoder, NAMESPACES, type QueryService, queryAnswer, type XmlEncode } from "./queryXml.ts";

export { parseQuery } from "./queryParameters.ts";
export { queryError } from "./queryXml.ts";

/** AWS Query of one operation: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export interface QueryCodec {
  readonly name: string;
  /**
   * @param parameters of the whole request; what the model does not have is passed over, as Action and Version are
   * @returns the input, valid: blobs are Buffers, timestamps Dates, maps have no prototype, absent members are undefined
   * @throws MalformedInput, ValidationError
   */
  decodeInput(parameters: ReadonlyMap<string, string>): unknown;
  /**
   * The HTTP body. Members that the model does not have are left out.
   * @throws TypeError for a value that the model does not allow, which is a bug of the operation
   */
  encodeOutput(output: object | undefined, requestId: string): string;
}

/**
 * The coding of an operation, compiled when it is first used.
 * @throws Error when the service has no such operation, or is none that speaks AWS Query here
 */
export function queryCodec(model: ServiceModel, name: string): QueryCodec {
  const { input: inputId, output: outputId } = model.operation(name);
  const service = model.name.toLowerCase() as QueryService;
  if (!Object.hasOwn(NAMESPACES, service)) throw new Error(`${model.name} is not known to speak AWS Query`);
  const dialect = dialects[service];
  let decode: Decode | undefined;
  let encode: XmlEncode | undefined;
  return {
    name,
    decodeInput(parameters) {
      decode ??= compileDecoder(model, inputId, queryWire, dialect);
      const faults = new Faults(dialect);
      const input = decode(nest(parameters), faults);
      faults.throwIfAny(input);
      return input;
    },
    encodeOutput(output, requestId) {
      if (outputId === undefined) return queryAnswer(service, name, undefined, requestId);
      encode ??= compileXmlEncoder(model, outputId);
      return queryAnswer(service, name, encode(output ?? {}), requestId);
    },
  };
}

/**
 * The model anchors a pattern by writing `^` and `$` around it, alternatives or not; AWS matches the whole value, and
 * says the pattern as it was before. These are the ones that AWS itself wrote with anchors.
 */
const ANCHORED: ReadonlySet<string> = new Set([
  "^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$", // accountAliasType
  "^[A-Za-z][A-Za-z0-9/_-]*$", // accountPropertyKeyType
  "^[a-zA-Z0-9:_.-]+$", // notificationChannelType
  "^[a-zA-Z0-9:/+=,.@_-]+$", // ownerIdType
  "^http(s?)://[a-zA-Z0-9._/-]*(\\?[a-zA-Z0-9._=&-]*)?(#[a-zA-Z0-9._/-]*)?$", // redirectUrlType
  "^o-[a-z0-9]{10,32}$", // OrganizationIdType
  "^p-[0-9a-zA-Z_]{8,128}$", // organizationsPolicyIdType
]);

/** pathType: AWS does not hold values against it, its operations do, in words of their own (recorded). */
const PATH = "^(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)$";

const common: Omit<Dialect, "maxQuoted"> = {
  Refusal: ValidationError,
  maxDetail: 65_536,
  listsEnumValues: false,
  ofEach: ["Member must not be null"],
  pattern(pattern) {
    if (pattern === PATH) return { source: "", text: "" };
    const bare = pattern.replace(/^\^|\$$/g, "");
    return { source: `^(?:${bare})$`, text: ANCHORED.has(pattern) ? pattern : bare };
  },
};

const dialects: Readonly<Record<QueryService, Dialect>> = {
  iam: { ...common, maxQuoted: 0 },
  // The whole, even of a policy that is too long by thousands of characters.
  sts: { ...common, maxQuoted: 131_072 },
};
