import { resolve } from "node:path";
import type { Command } from "commander";
import { type RootKeyFlags, rootKeyOptions } from "./options.ts";
import { openExistingService } from "./service.ts";

export function seedCommand(program: Command): void {
  rootKeyOptions(
    program
      .command("seed")
      .description(
        "Create the accounts and keys of a YAML file, those that are not there yet. A running server sees them at once.",
      )
      .argument("<file>", "the YAML file"),
  )
    .addHelpText(
      "after",
      `
The file:
  accounts:
    - id: "111122223333"                       # in quotes: YAML would read it as a number
      accessKeys:
        - accessKeyId: AKIAIOSFODNN7EXAMPLE
          secretAccessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
  keys:
    - id: 1234abcd-12ab-34cd-56ef-1234567890ab
      account: "111122223333"                  # the server's own account if left out
      region: us-east-1
      aliases: [alias/app]
      description: the app's key
      tags: { team: payments }
      rotationPeriodInDays: 365
      policy: { Version: "2012-10-17", Statement: [ … ] }
      testMaterial: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=   # 32 bytes; for tests only: whoever reads this file has the key`,
    )
    .action(async (file: string, flags: RootKeyFlags) => {
      const { readSeed, seedService } = await import("./seeding.ts");
      const seed = await readSeed(file);
      const service = await openExistingService({ ...flags, data: resolve(flags.data) });
      try {
        const { accounts, keys } = await seedService(service.kms, seed, service.account);
        process.stdout.write(`created ${accounts} accounts and ${keys} keys; the rest was there\n`);
      } finally {
        await service.close();
      }
    });
}
