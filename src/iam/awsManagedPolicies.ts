import type { PolicyRecord } from "./entity.ts";

/** AWS's own managed policies, the same in every account: reference/iam-sts.md §6. Name, path, id, versions. */
const POLICIES: readonly PolicyRecord[] = [
  policy(
    "AdministratorAccess",
    "/",
    "ANPAIWMBCKSKIEE64ZLYK",
    1,
    "Provides full access to AWS services and resources.",
    [{ Effect: "Allow", Action: "*", Resource: "*" }],
  ),
];

const byArn = new Map(POLICIES.map((record) => [`arn:aws:iam::aws:policy${record.path}${record.name}`, record]));

export const awsManagedPolicies: readonly PolicyRecord[] = POLICIES;

export function awsManagedPolicy(arn: string): PolicyRecord | undefined {
  return byArn.get(arn);
}

function policy(
  name: string,
  path: string,
  id: string,
  version: number,
  description: string,
  statements: readonly object[],
): PolicyRecord {
  const createdAt = Date.UTC(2015, 1, 6, 18, 39, 46);
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements }, undefined, 4);
  return {
    kind: "policy",
    id,
    account: "aws",
    name,
    path,
    createdAt,
    updatedAt: createdAt,
    tags: [],
    description,
    defaultVersion: version,
    lastVersion: version,
    versions: [{ number: version, document, createdAt }],
  };
}
