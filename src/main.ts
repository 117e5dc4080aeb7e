#!/usr/bin/env node
import { Command } from "commander";
import { envCommand } from "./cli/env.ts";
import { rotateDomainKeyCommand } from "./cli/rotateDomainKey.ts";
import { seedCommand } from "./cli/seed.ts";
import { serveCommand } from "./cli/serve.ts";
import { packageVersion, versionCommand } from "./cli/version.ts";

const program = new Command("strongroom")
  .description("A key management service that anyone can run, wire-compatible with AWS KMS.")
  .version(packageVersion(), "-V, --version")
  .showHelpAfterError("(strongroom <command> --help says more)");

serveCommand(program);
envCommand(program);
seedCommand(program);
rotateDomainKeyCommand(program);
versionCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`strongroom: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
