import { type Command, InvalidArgumentError, Option } from "commander";
import { PASSPHRASE_VARIABLE } from "./rootKey.ts";
import { serverDefaults } from "./server.ts";

/** What every command that opens the data directory is told. */
export interface RootKeyFlags {
  data: string;
  rootKey: "file" | "passphrase";
  rootKeyFile?: string;
  passphraseFile?: string;
}

export function rootKeyOptions(command: Command): Command {
  return command
    .option("--data <directory>", "where everything is kept", serverDefaults.data)
    .addOption(
      new Option("--root-key <provider>", "what holds the root key, which opens all others")
        .choices(["file", "passphrase"])
        .default(serverDefaults.rootKey),
    )
    .option("--root-key-file <file>", "the root key file (default: DATA/root.key)")
    .option("--passphrase-file <file>", `a file with the passphrase; else the variable ${PASSPHRASE_VARIABLE}`);
}

export function accountId(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError("An account id has 12 digits.");
  return text;
}
