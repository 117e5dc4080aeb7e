import { Command } from "commander";
import { accountCommand } from "./account.ts";
import { auditCommand } from "./audit.ts";
import { envCommand } from "./env.ts";
import { explainCommand } from "./explain.ts";
import { rotateDomainKeyCommand } from "./rotateDomainKey.ts";
import { seedCommand } from "./seed.ts";
import { serveCommand } from "./serve.ts";
import { packageVersion, versionCommand } from "./version.ts";

/** The command line: one line a command. Sets the process's exit status. */
export async function run(): Promise<void> {
  const program = new Command("strongroom")
    .description("A key management service that anyone can run, wire-compatible with AWS KMS.")
    .version(packageVersion(), "-V, --version")
    .showHelpAfterError("(strongroom <command> --help says more)");
  serveCommand(program);
  envCommand(program);
  accountCommand(program);
  auditCommand(program);
  explainCommand(program);
  seedCommand(program);
  rotateDomainKeyCommand(program);
  versionCommand(program);
  try {
    await program.parseAsync();
  } catch (error) {
    process.stderr.write(`strongroom: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
