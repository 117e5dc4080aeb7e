/** Who calls. Users, roles and sessions get their place here; for now an account's root is all there is. */
export interface Principal {
  readonly type: "root";
  readonly account: string;
  /** for messages and records */
  readonly arn: string;
}

export function rootPrincipal(account: string): Principal {
  return { type: "root", account, arn: `arn:aws:iam::${account}:root` };
}
