import type { RoleRecord } from "../iam/entity.ts";
import { validationError } from "../iam/errors.ts";
import type { Iam } from "../iam/operation.ts";

/** What a request's RoleArn stands for. */
export interface RequestedRole {
  /** as the request has it */
  readonly arn: string;
  /** as the ARN has it; empty when it has none */
  readonly account: string;
  /** undefined: there is none, or its account is closed */
  readonly role: RoleRecord | undefined;
}

/** @throws ValidationError when it is no ARN; one of a role that is not there is told as one that trusts nobody */
export async function requestedRole(iam: Iam, arn: string): Promise<RequestedRole> {
  const [, partition, service, , account = "", ...resource] = arn.split(":");
  if (!partition || !service || resource.join(":") === "" || !arn.startsWith("arn:")) {
    throw validationError(`${arn} is invalid`);
  }
  return { arn, account, role: await roleOf(iam, account, arn) };
}

async function roleOf(iam: Iam, account: string, arn: string): Promise<RoleRecord | undefined> {
  const open = /^\d{12}$/.test(account) ? await iam.store.account(account) : undefined;
  if (open === undefined || open.closedAt !== null) return undefined;
  const id = await iam.identities.principalId(arn);
  const found = id === undefined ? undefined : await iam.identities.identity(account, id);
  return found?.entity.kind === "role" ? found.entity : undefined;
}
