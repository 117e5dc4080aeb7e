import { readFileSync } from "node:fs";
import type { Command } from "commander";

/** The package's version, from its package.json: two folders up both in the source tree and in the build. */
export function packageVersion(): string {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")).version;
}

export function versionCommand(program: Command): void {
  program
    .command("version")
    .description("Print the versions of Strongroom, Node.js and OpenSSL.")
    .action(() => {
      process.stdout.write(
        `strongroom ${packageVersion()} (Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl})\n`,
      );
    });
}
