import { resolve } from "node:path";
import type { Command } from "commander";
import { rewrapAll } from "../jobs/rewrap.ts";
import { type RootKeyFlags, rootKeyOptions } from "./options.ts";
import { openExistingService } from "./service.ts";

export function rotateDomainKeyCommand(program: Command): void {
  rootKeyOptions(
    program
      .command("rotate-domain-key")
      .description(
        "Make a new domain key, seal new key material under it, and seal the old anew. A running server goes on serving.",
      ),
  ).action(async (flags: RootKeyFlags) => {
    const service = await openExistingService({ ...flags, data: resolve(flags.data) });
    const { store, hsm, clock } = service.kms;
    try {
      const id = Math.max(...(await store.domainKeys()).map((key) => key.id)) + 1;
      const record = await hsm.generateDomainKey(id, clock());
      await store.transaction((transaction) => transaction.putDomainKey(record));
      const count = await rewrapAll(service.kms);
      process.stdout.write(`domain key ${id} is in use; ${count} materials and secrets were sealed anew\n`);
    } finally {
      await service.close();
    }
  });
}
