/** What a policy document has that it must not have, or lacks. A keeper of policies puts each in the words of its service. */
export type PolicyFaultKind =
  /** it is not JSON */
  | "json"
  /** an element that there is not, or of the wrong type */
  | "syntax"
  /** an Effect is missing */
  | "effect"
  /** a Principal is missing or empty; in an identity's policy, it is there */
  | "principal"
  | "notPrincipal"
  /** older than it must be */
  | "version"
  /** a value that cannot be read: a date, a number, a resource's parts */
  | "value"
  /** a Sid's characters */
  | "sid"
  | "sidTwice"
  /** an Action is missing or empty */
  | "action"
  /** a Resource is missing or empty; in a trust policy, it is there */
  | "resource"
  | "resourceForm"
  | "resourcePartition"
  | "resourceVendor"
  | "resourceRegion"
  | "resourcePath"
  | "actionForm"
  | "actionColons"
  | "actionVendor";

/** Why a text is no policy. */
export class PolicyFault extends Error {
  override readonly name = "PolicyFault";
  readonly kind: PolicyFaultKind;
  /** the action, resource or value that is at fault, where it is one */
  readonly subject: string;

  constructor(kind: PolicyFaultKind, message: string, subject = "") {
    super(message);
    this.kind = kind;
    this.subject = subject;
  }
}

export function syntaxFault(message: string): PolicyFault {
  return new PolicyFault("syntax", message);
}
