import { type DateForm, iamDate, kmsDate, limited, structure } from "./elements.ts";
import { type Elements, type FinishedRequest, type Resource, resource } from "./request.ts";

type Members = Readonly<Record<string, unknown>>;
type Service = "iam" | "sts" | "cloudtrail";

/**
 * What is never on record, wherever in an input or output it stands: secrets, one-time codes, bearers' tokens, and reports
 * that are contents. Bytes are none of a record either. AWS shows session tokens; without their secret they are good for
 * nothing, and nothing is gained by keeping them.
 */
export const HIDDEN_MEMBERS: ReadonlySet<string> = new Set([
  "AddPrivateKey",
  "AuthenticationCode1",
  "AuthenticationCode2",
  "Base32StringSeed",
  "Content",
  "ContextAssertion",
  "DecodedMessage",
  "EncodedMessage",
  "NewPassword",
  "OldPassword",
  "Password",
  "PrivateKey",
  "QRCodePNG",
  "SAMLAssertion",
  "SecretAccessKey",
  "ServiceCredentialSecret",
  "ServicePassword",
  "SessionToken",
  "TokenCode",
  "TradeInToken",
  "WebIdentityToken",
]);

interface ServiceRow {
  readonly readOnly: RegExp;
  /** operations whose output is on record when they succeed */
  readonly answered: RegExp;
  readonly dates: DateForm;
}

const WRITES = /^(?!Get|List|Describe|Lookup|Simulate|Generate)/;

/** reference/cloudtrail.md §3. STS changes nothing, though what it hands out is on record. */
const rows: Readonly<Record<Service, ServiceRow>> = {
  iam: { readOnly: /^(?:Get|List|Simulate|Generate)/, answered: WRITES, dates: iamDate },
  sts: { readOnly: /^/, answered: /^(?:Assume|GetSessionToken$|GetFederationToken$)/, dates: iamDate },
  cloudtrail: { readOnly: /^(?:Get|List|Describe|Lookup)/, answered: WRITES, dates: kmsDate },
};

/** What the record of a request of IAM, STS or CloudTrail shows: its input, and its output where it changed anything. */
export function queryElements(service: Service, { operation, input, output, error }: FinishedRequest): Elements {
  const { readOnly, answered, dates } = rows[service];
  const write = structure(dates, HIDDEN_MEMBERS);
  const shown = error === undefined && answered.test(operation) ? output : undefined;
  return {
    readOnly: readOnly.test(operation),
    requestParameters: elementOf("requestParameters", input, write),
    responseElements: elementOf("responseElements", shown, write),
    additionalEventData: undefined,
    resources: service === "sts" ? assumedRole(input) : [],
  };
}

function elementOf(element: string, value: unknown, write: (value: object) => string): string {
  if (!isMembers(value)) return "null";
  const json = limited(element, value, write);
  return json === "{}" ? "null" : json;
}

const ROLE_ARN = /^arn:aws:iam::(\d{12}):role\/./;

/** The role that a session is asked for: in the role's account its use is on record too. */
function assumedRole(input: unknown): Resource[] {
  const { RoleArn: arn } = (input ?? {}) as { RoleArn?: string };
  const account = arn === undefined ? undefined : ROLE_ARN.exec(arn)?.[1];
  return account === undefined ? [] : [resource(account, "AWS::IAM::Role", arn as string)];
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}
