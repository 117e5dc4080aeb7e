import { awsManagedPolicyTable } from "./awsManagedPolicyTable.ts";
import type { PolicyRecord } from "./entity.ts";

/** AWS's own managed policies, the same in every account. */
export const awsManagedPolicies: readonly PolicyRecord[] = awsManagedPolicyTable.map((row) => {
  const { statements, created, edited, version, ...named } = row;
  const editedAt = Date.parse(edited);
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements }, undefined, 4);
  return {
    ...named,
    kind: "policy",
    account: "aws",
    createdAt: Date.parse(created),
    updatedAt: editedAt,
    tags: [],
    defaultVersion: version,
    lastVersion: version,
    versions: [{ number: version, document, createdAt: editedAt }],
  };
});

const byArn = new Map(
  awsManagedPolicies.map((record) => [`arn:aws:iam::aws:policy${record.path}${record.name}`, record]),
);

export function awsManagedPolicy(arn: string): PolicyRecord | undefined {
  return byArn.get(arn);
}
