import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { readCredentials } from "./credentials.ts";
import { accountId } from "./options.ts";
import { serverDefaults } from "./server.ts";
import { accountCredentials, dataPaths } from "./service.ts";

export function envCommand(program: Command): void {
  program
    .command("env")
    .description("Print the lines that point AWS clients in this shell at the service.")
    .option("--data <directory>", "the server's data directory", serverDefaults.data)
    .option("--region <name>", "the Region to use", "us-east-1")
    .option(
      "--account <id>",
      "an account that strongroom account create made; the server's own if not given",
      accountId,
    )
    .addHelpText("after", '\nExample:\n  $ eval "$(strongroom env)"\n  $ aws kms list-keys')
    .action(async (flags: { data: string; region: string; account?: string }) => {
      const { data, account } = flags;
      const paths = dataPaths(resolve(data));
      const path = account === undefined ? paths.credentials : accountCredentials(resolve(data), account);
      const credentials = await readCredentials(path);
      if (credentials === undefined) {
        throw new Error(
          account === undefined
            ? `${path} is not there. Has a server been started with --data ${data}?`
            : `${path} is not there. Was account ${account} made with strongroom account create --data ${data}?`,
        );
      }
      const { endpoint, ca } = await lastEndpoint(paths.endpoint);
      const lines = [
        `export AWS_ENDPOINT_URL=${quoted(endpoint)}`,
        ...regionLines(flags.region),
        `export AWS_ACCESS_KEY_ID=${quoted(credentials.accessKeyId)}`,
        `export AWS_SECRET_ACCESS_KEY=${quoted(credentials.secretAccessKey)}`,
        ...trustLines(ca),
      ];
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

/** Have clients trust the certificates of the local CA, where there is one. */
export function trustLines(ca: string | undefined): string[] {
  return ca === undefined ? [] : [`export AWS_CA_BUNDLE=${quoted(ca)}`, `export NODE_EXTRA_CA_CERTS=${quoted(ca)}`];
}

/** Where the last server listened; where one listens by itself when there has been none. */
export async function lastEndpoint(path: string): Promise<{ endpoint: string; ca?: string }> {
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
