import { authorizeByIdentity, type IamConditions } from "../iam/authorize.ts";
import { QueryException } from "../iam/errors.ts";
import { AccessDeniedException } from "./errors.ts";
import type { CloudTrailCall } from "./operation.ts";

/**
 * May the caller call this operation of CloudTrail? Its own policies decide; root may all.
 * @param action without its `cloudtrail:`
 * @param resource a trail's ARN; `*` for none
 * @throws AccessDeniedException
 */
export function authorize(
  { cloudTrail, principal, region, connection }: CloudTrailCall,
  action: string,
  resource = "*",
  conditions?: IamConditions,
): void {
  const call = { iam: cloudTrail.iam, principal, region, connection };
  try {
    authorizeByIdentity(call, `cloudtrail:${action}`, { arn: resource }, conditions);
  } catch (error) {
    throw error instanceof QueryException ? new AccessDeniedException(error.message) : error;
  }
}
