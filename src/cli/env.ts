import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { readCredentials } from "./credentials.ts";
import { serverDefaults } from "./server.ts";
import { dataPaths } from "./service.ts";

export function envCommand(program: Command): void {
  program
    .command("env")
    .description("Print the lines that point AWS clients in this shell at the service.")
    .option("--data <directory>", "the server's data directory", serverDefaults.data)
    .option("--region <name>", "the Region to use", "us-east-1")
    .addHelpText("after", '\nExample:\n  $ eval "$(strongroom env)"\n  $ aws kms list-keys')
    .action(async (flags: { data: string; region: string }) => {
      const paths = dataPaths(resolve(flags.data));
      const credentials = await readCredentials(paths.credentials);
      if (credentials === undefined) {
        throw new Error(`${paths.credentials} is not there. Has a server been started with --data ${flags.data}?`);
      }
      const { endpoint, ca } = await lastEndpoint(paths.endpoint);
      const lines = [
        `export AWS_ENDPOINT_URL=${quoted(endpoint)}`,
        ...regionLines(flags.region),
        `export AWS_ACCESS_KEY_ID=${quoted(credentials.accessKeyId)}`,
        `export AWS_SECRET_ACCESS_KEY=${quoted(credentials.secretAccessKey)}`,
      ];
      if (ca !== undefined)
        lines.push(`export AWS_CA_BUNDLE=${quoted(ca)}`, `export NODE_EXTRA_CA_CERTS=${quoted(ca)}`);
      process.stdout.write(`${lines.join("\n")}\n`);
    });
}

/** The same for a person to copy, with the credentials left in their file. */
export function environmentLines(where: { endpoint: string; region: string; credentials: string }): string[] {
  return [
    `export AWS_ENDPOINT_URL=${quoted(where.endpoint)}`,
    ...regionLines(where.region),
    `export AWS_SHARED_CREDENTIALS_FILE=${quoted(where.credentials)}`,
  ];
}

/** The aws command line and boto3 read the one, the other SDKs the other. */
function regionLines(region: string): string[] {
  return [`export AWS_REGION=${quoted(region)}`, `export AWS_DEFAULT_REGION=${quoted(region)}`];
}

async function lastEndpoint(path: string): Promise<{ endpoint: string; ca?: string }> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return { endpoint: `http://${serverDefaults.host}:${serverDefaults.port}` };
  }
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
