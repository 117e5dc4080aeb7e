import type { GroupRecord, RoleRecord, UserRecord } from "./entity.ts";
import { deleteConflict } from "./errors.ts";

/** @param first what AWS says is to be done before @throws DeleteConflict: reference/iam-sts.md §3.3 */
export function requireGone(gone: boolean, first: string): void {
  if (!gone) throw deleteConflict(`Cannot delete entity, must ${first} first.`);
}

/** @throws DeleteConflict */
export function requireNoPolicies({ attached, policies }: UserRecord | GroupRecord | RoleRecord): void {
  requireGone(attached.length === 0, "detach all policies");
  requireGone(Object.keys(policies).length === 0, "delete policies");
}
