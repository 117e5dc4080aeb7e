import type { Reader } from "../store/store.ts";
import type { IamConditions } from "./authorize.ts";
import { awsManagedPolicy } from "./awsManagedPolicies.ts";
import { invalidInput, noSuchEntity } from "./errors.ts";
import { ownPolicy } from "./identities.ts";

/** The managed policy that is to be a permissions boundary. @throws InvalidInput; NoSuchEntity */
export async function requireBoundary(reader: Reader, account: string, arn: string): Promise<string> {
  if (!/^arn:aws:iam::(?:\d{12}|aws):policy\/.+$/.test(arn)) throw invalidInput(`ARN ${arn} is not valid.`);
  if (awsManagedPolicy(arn) ?? (await ownPolicy(reader, account, arn))) return arn;
  throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

/** As users and roles show it. The recorded type is not one of the model's: reference/iam-sts.md §3.1. */
export function attachedBoundary(arn: string | null) {
  if (arn === null) return undefined;
  return { PermissionsBoundaryType: "Policy" as "PermissionsBoundaryPolicy", PermissionsBoundaryArn: arn };
}

/** `iam:PermissionsBoundary` and `iam:PolicyARN` of a request that gives a boundary. */
export function boundaryConditions(arn: string | undefined): IamConditions {
  return (name) => (name === "iam:permissionsboundary" || name === "iam:policyarn" ? arn : undefined);
}

/** What there is to delete is not there. */
export const noSuchBoundary = (kind: "user" | "role", name: string) =>
  noSuchEntity(`The permissions boundary of the ${kind} with name ${name} cannot be found.`);
