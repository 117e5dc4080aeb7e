import type { RoleRecord } from "../iam/entity.ts";
import { validationError } from "../iam/errors.ts";
import type { Principal } from "../iam/principal.ts";

const DEFAULT_DURATION = 3600;
const CHAINED_DURATION = 3600;

/**
 * For how many seconds a role's session lasts.
 * @param chained the caller's own credentials are a role's session
 * @throws ValidationError: reference/iam-sts.md §4.3
 */
export function roleSessionDuration(role: RoleRecord, requested: number | undefined, chained: boolean): number {
  const duration = requested ?? DEFAULT_DURATION;
  if (chained && duration > CHAINED_DURATION) {
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    );
  }
  if (duration > role.maxSessionDuration) {
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  return duration;
}

const USER_DURATION = 43_200;
const ROOT_DURATION = 3600;

/** For how many seconds a session lasts that has a user's own rights; a root's is cut to an hour. */
export function userSessionDuration({ type }: Principal, requested: number | undefined): number {
  return type === "root" ? Math.min(requested ?? ROOT_DURATION, ROOT_DURATION) : (requested ?? USER_DURATION);
}
