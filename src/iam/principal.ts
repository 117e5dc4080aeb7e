import type { Caller } from "../policy/evaluate.ts";

/** Who calls. Users, roles and sessions get their place here; for now an account's root is all there is. */
export interface Principal {
  readonly type: "root";
  readonly account: string;
  /** for messages and records */
  readonly arn: string;
  /** as the policies see it */
  readonly caller: Caller;
}

export function rootPrincipal(account: string): Principal {
  const caller: Caller = { kind: "root", account, names: { direct: [], issuer: [], account } };
  return { type: "root", account, arn: `arn:aws:iam::${account}:root`, caller };
}
