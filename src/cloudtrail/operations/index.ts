import type { CloudTrailOperation } from "../operation.ts";

/** Every operation of CloudTrail that this service has; what is not here is unknown. */
export const cloudTrailOperations: readonly CloudTrailOperation[] = [];
