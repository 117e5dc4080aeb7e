import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { JournalIndex } from "../../src/cloudtrail/journalIndex.ts";
import { strongroom } from "../cli/strongroom.ts";
import { ServerProcess, until } from "../process.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-lost-tail-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const CALLS = 6;
const linesOf = (text: string) => text.split("\n").slice(0, -1);
/** The length of the last three lines. */
const tail = (text: string) => linesOf(text).slice(-3).join("\n").length + 1;

/** What someone does to the last three entries, which the chain alone cannot tell from a crash or an end. */
const attacks: Record<string, (text: string) => string> = {
  "cut off": (text) => text.slice(0, -tail(text)),
  "blanked with NUL bytes": (text) => text.slice(0, -tail(text)) + "\0".repeat(tail(text)),
};

for (const [name, attack] of Object.entries(attacks)) {
  test(`the last entries are ${name} while the server is down: the index knows better, until it is made anew`, async () => {
    const data = join(directory, name);
    const server = await ServerProcess.start(data);
    const kms = server.client();
    for (let call = 0; call < CALLS; call++) await kms.send(new CreateKeyCommand({}));
    const journal = join(data, "audit");
    const index = new JournalIndex({ directory: journal, writes: false });
    await until(() => (index.positions().get("00")?.sequence ?? 0) >= 1 + CALLS, "all is indexed");
    await index.close();
    await server.stop();

    const stream = join(journal, "00");
    const segment = join(stream, readdirSync(stream).find((file) => file.endsWith(".jsonl"))!);
    writeFileSync(segment, attack(readFileSync(segment, "latin1")), "latin1");
    const verify = () => strongroom(["audit", "verify", "--data", data]);
    const before = await verify();
    assert.equal(before.code, 1, before.stdout);
    assert.match(
      before.stdout,
      /^INVALID {2}index: lost: stream 00 had entry 7 when it was indexed, and ends at 4\n.*keep a copy/s,
    );

    const again = await ServerProcess.start(data);
    await until(() => again.stderr.includes("the audit journal has lost entries"), "the server says so");
    assert.match(again.stderr, /"level":50.*"reason":"stream 00 had the entry 7 with the hash [0-9a-f]{64}/);
    await again.stop();
    // From now on nothing on this machine tells it from a crash: a digest kept elsewhere does.
    const later = await verify();
    assert.equal(later.code, 0, later.stdout);
  });
}
