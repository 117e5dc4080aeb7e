import type { IamCall } from "../iam/operation.ts";

/** An operation that nobody signs for: what the request brings is all that says who asks. */
export interface UnsignedOperation<Input = never, Output = unknown> {
  readonly name: string;
  run(call: Omit<IamCall, "principal">, input: Input): Output | Promise<Output>;
}
