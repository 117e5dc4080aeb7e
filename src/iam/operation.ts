import type { Hsm } from "../hsm/hsm.ts";
import type { Connection } from "../policy/globalKeys.ts";
import type { Store } from "../store/store.ts";
import type { Credentials } from "./credentials.ts";
import type { Identities } from "./identities.ts";
import type { Principal } from "./principal.ts";

/** What the operations of IAM and STS work with. */
export interface Iam {
  readonly store: Store;
  readonly hsm: Hsm;
  readonly identities: Identities;
  readonly credentials: Credentials;
  /** milliseconds since the epoch; tests move it */
  readonly clock: () => number;
}

/** One request: who asks, and how it came. */
export interface IamCall {
  readonly iam: Iam;
  readonly principal: Principal;
  /** of the credential scope */
  readonly region: string;
  readonly connection: Connection;
}

/** An operation of IAM or STS. Its input has been validated against the model; it throws a QueryException for what the model cannot say. */
export interface IamOperation<Input = never, Output = unknown> {
  readonly name: string;
  run(call: IamCall, input: Input): Output | Promise<Output>;
}
