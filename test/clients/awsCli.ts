import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestServer } from "../harness.ts";

/** From these versions on it knows RotateKeyOnDemand and reads AWS_ENDPOINT_URL. */
const OLDEST = { 1: [32, 83], 2: [15, 38] } as const;

/** Why the aws command line cannot be driven on this machine; false when it can. */
export function whyNoAwsCli(): string | false {
  const { stdout, stderr } = spawnSync("aws", ["--version"], { encoding: "utf8" });
  const version = /aws-cli\/([12])\.(\d+)\.(\d+)/.exec(`${stdout}${stderr}`);
  if (version === null) return "there is no aws command line on PATH (pip install awscli)";
  const [major, minor, patch] = version.slice(1).map(Number) as [1 | 2, number, number];
  const [oldestMinor, oldestPatch] = OLDEST[major];
  if (minor > oldestMinor || (minor === oldestMinor && patch >= oldestPatch)) return false;
  return `${version[0]} is too old: ${major}.${oldestMinor}.${oldestPatch} is needed`;
}

/** Why the openssl command line cannot be driven on this machine; false when it can. */
export function whyNoOpenssl(): string | false {
  return spawnSync("openssl", ["version"]).status === 0 ? false : "there is no openssl command line on PATH";
}

/** What a user exports, and nothing of whoever runs the tests. */
export function awsEnvironment(of: TestServer): Record<string, string | undefined> {
  const mine = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  return {
    ...Object.fromEntries(mine),
    AWS_ENDPOINT_URL: of.endpoint,
    AWS_SHARED_CREDENTIALS_FILE: join(of.data, "credentials"),
    AWS_CONFIG_FILE: join(of.data, "no-config"),
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
    AWS_PAGER: "",
  };
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string | undefined> },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { ...options, timeout: 300_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") resolve({ code, stdout, stderr });
      else reject(error);
    });
  });
}
