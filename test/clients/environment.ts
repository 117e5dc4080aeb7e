import type { TestServer } from "../harness.ts";
import { awsEnvironment } from "./awsCli.ts";

/**
 * Exports to this process what a user exports before running a program that makes its KMS clients itself. For the rest
 * of the process's life, which is the test file's.
 */
export function exportEnvironment(of: TestServer): void {
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  for (const [name, value] of Object.entries(awsEnvironment(of)))
    if (name.startsWith("AWS_") && value) process.env[name] = value;
  process.env.AWS_REGION = process.env.AWS_DEFAULT_REGION; // the SDK for JavaScript does not read the latter
}
