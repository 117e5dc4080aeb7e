import type { CloudTrailOperation } from "../operation.ts";
import { addTags } from "./addTags.ts";
import { createTrail } from "./createTrail.ts";
import { deleteTrail } from "./deleteTrail.ts";
import { describeTrails } from "./describeTrails.ts";
import { getEventSelectors } from "./getEventSelectors.ts";
import { getTrail } from "./getTrail.ts";
import { getTrailStatus } from "./getTrailStatus.ts";
import { listPublicKeys } from "./listPublicKeys.ts";
import { listTags } from "./listTags.ts";
import { listTrails } from "./listTrails.ts";
import { lookupEvents } from "./lookupEvents.ts";
import { putEventSelectors } from "./putEventSelectors.ts";
import { removeTags } from "./removeTags.ts";
import { startLogging } from "./startLogging.ts";
import { stopLogging } from "./stopLogging.ts";
import { updateTrail } from "./updateTrail.ts";

/** Every operation of CloudTrail that this service has; what is not here is unknown. */
export const cloudTrailOperations: readonly CloudTrailOperation[] = [
  addTags,
  createTrail,
  deleteTrail,
  describeTrails,
  getEventSelectors,
  getTrail,
  getTrailStatus,
  listPublicKeys,
  listTags,
  listTrails,
  lookupEvents,
  putEventSelectors,
  removeTags,
  startLogging,
  stopLogging,
  updateTrail,
];

/** Shapes of the model whose constraints the operations check by themselves, as they have exceptions for them. */
export const CHECKED_BY_OPERATIONS = [
  "EventCategory",
  "LookupAttributeKey",
  "LookupAttributeValue",
  "MaxResults",
] as const;
