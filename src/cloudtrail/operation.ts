import type { Hsm } from "../hsm/hsm.ts";
import type { Iam } from "../iam/operation.ts";
import type { Principal } from "../iam/principal.ts";
import type { Connection } from "../policy/globalKeys.ts";
import type { Store } from "../store/store.ts";
import type { BackgroundIndex } from "./backgroundIndex.ts";
import type { Destination } from "./delivery/destination.ts";

/** What the operations of CloudTrail work with. */
export interface CloudTrail {
  readonly store: Store;
  readonly hsm: Hsm;
  readonly iam: Iam;
  /** where the buckets of trails are */
  readonly destination: Destination;
  /** what LookupEvents looks up */
  readonly lookup: Pick<BackgroundIndex, "catchUp" | "find">;
  /** whether a Region of this name is one that is served here */
  readonly servesRegion: (region: string) => boolean;
  /** milliseconds since the epoch; tests move it */
  readonly clock: () => number;
}

/** One request: who asks, and in which Region. */
export interface CloudTrailCall {
  readonly cloudTrail: CloudTrail;
  readonly principal: Principal;
  readonly region: string;
  readonly connection: Connection;
  readonly requestId: string;
}

/** An operation of CloudTrail. Its input has been validated against the model; it throws a CloudTrailException for what the model cannot say. */
export interface CloudTrailOperation<Input = never, Output = unknown> {
  readonly name: string;
  run(call: CloudTrailCall, input: Input): Output | Promise<Output>;
}
