import { rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { makeSecretDirectory } from "../hsm/root/secretFile.ts";
import type { AccountRecord } from "../iam/accessKey.ts";
import { newAccount, rootAccessKey, setAccountClosed, unusedAccountId } from "../iam/account.ts";
import { uniqueId } from "../iam/entities.ts";
import { writeCredentials } from "./credentials.ts";
import { environmentLines, lastEndpoint, trustLines } from "./env.ts";
import { accountId, type RootKeyFlags, rootKeyOptions } from "./options.ts";
import { accountCredentials, dataPaths, openExistingService, type Service } from "./service.ts";

/** Accounts read, and written out, at a time. */
const PAGE = 500;
/** AWS Organizations: AccountName. */
const LONGEST_NAME = 50;

export function accountCommand(program: Command): void {
  const account = program
    .command("account")
    .description("Create, list, close and reopen accounts. A running server obeys at once.");
  rootKeyOptions(account.command("create").description("Create an account with an access key of its root user."))
    .option("--id <id>", "its id, 12 digits (default: one that is not taken)", accountId)
    .option("--name <text>", "what you call it", "")
    .addHelpText(
      "after",
      '\nExample:\n  $ strongroom account create --id 111122223333 --name payments\n  $ eval "$(strongroom env --account 111122223333)"',
    )
    .action((flags: CreateFlags) => withService(flags, (service, data) => create(service, data, flags)));
  rootKeyOptions(account.command("list").description("List the accounts, one a line."))
    .option("--json", "one JSON object a line")
    .action((flags: RootKeyFlags & { json?: true }) => withService(flags, (service) => list(service, flags)));
  rootKeyOptions(account.command("close").description("Close an account. It can be opened again."))
    .argument("<id>", "the account", accountId)
    .option("--yes", "do it; without this flag it is only said what it would do")
    .action((id: string, flags: RootKeyFlags & { yes?: true }) =>
      withService(flags, (service) => close(service, id, flags.yes === true)),
    );
  rootKeyOptions(account.command("reopen").description("Open a closed account again."))
    .argument("<id>", "the account", accountId)
    .action((id: string, flags: RootKeyFlags) => withService(flags, (service) => reopen(service, id)));
}

interface CreateFlags extends RootKeyFlags {
  id?: string;
  name: string;
}

async function withService(flags: RootKeyFlags, run: (service: Service, data: string) => Promise<void>): Promise<void> {
  const data = resolve(flags.data);
  const service = await openExistingService({ ...flags, data });
  try {
    await run(service, data);
  } finally {
    await service.close();
  }
}

async function create({ iam }: Service, data: string, flags: CreateFlags): Promise<void> {
  if (flags.name.length > LONGEST_NAME || /\p{Cc}/u.test(flags.name)) {
    throw new Error(`a name has at most ${LONGEST_NAME} characters, none of them a control character`);
  }
  const id = flags.id ?? (await unusedAccountId(iam.store));
  const accessKeyId = uniqueId("accessKey");
  const { secret, wrapped } = iam.hsm.newAccessKeySecret(accessKeyId);
  // The secret is on disk before the account is: cut short in between, nobody has lost it. Under a name of its own until
  // then, since another command may be making an account of the same id.
  const credentials = accountCredentials(data, id);
  const early = `${credentials}.${accessKeyId}`;
  await makeSecretDirectory(dirname(credentials));
  await writeCredentials(early, { accessKeyId, secretAccessKey: secret });
  try {
    await iam.store.transaction(async (transaction) => {
      if ((await transaction.account(id)) !== undefined) throw new Error(`there is an account ${id} already`);
      const now = iam.clock();
      await transaction.putAccount(newAccount(id, flags.name, now));
      await transaction.putAccessKey(rootAccessKey(accessKeyId, id, wrapped, now));
    });
  } catch (error) {
    await rm(early);
    throw error;
  }
  await rename(early, credentials);
  const { endpoint, ca } = await lastEndpoint(dataPaths(data).endpoint);
  const lines = [
    `Account      ${id}`,
    `Credentials  ${credentials} (profile default)`,
    "",
    "To use it:",
    ...[...environmentLines({ endpoint, region: "us-east-1", credentials }), ...trustLines(ca)].map(
      (line) => `  ${line}`,
    ),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function list({ iam }: Service, { json }: { json?: true }): Promise<void> {
  if (!json) process.stdout.write("ID            STATE   CREATED                   ALIAS  NAME\n");
  const line = json ? (account: AccountRecord) => JSON.stringify(shown(account)) : row;
  for (let after: string | undefined; ; ) {
    const accounts = await iam.store.accounts({ after, limit: PAGE });
    process.stdout.write(accounts.map((account) => `${line(account)}\n`).join(""));
    if (accounts.length < PAGE) return;
    after = accounts.at(-1)?.id;
  }
}

function shown({ id, name, createdAt, closedAt, alias }: AccountRecord) {
  return {
    id,
    name,
    state: closedAt === null ? "open" : "closed",
    created: new Date(createdAt).toISOString(),
    closed: closedAt === null ? null : new Date(closedAt).toISOString(),
    alias,
  };
}

/** Where there is no alias there is a dash, so that the columns can be told apart by spaces. */
function row(account: AccountRecord): string {
  const { id, state, created, alias, name } = shown(account);
  return `${id}  ${state.padEnd(6)}  ${created}  ${(alias ?? "-").padEnd(5)}  ${name}`.trimEnd();
}

async function close({ iam, account: own }: Service, id: string, yes: boolean): Promise<void> {
  if (id === own) throw new Error(`${id} is the account that the server's first start made. It cannot be closed.`);
  if (!yes) {
    if ((await iam.store.account(id)) === undefined) throw noSuchAccount(id);
    throw new Error(
      `closing account ${id} refuses everybody in it, sessions under way included, from the next request on, and everybody else at its keys: what they encrypted cannot be decrypted while it is closed. Nothing is destroyed at once; deletions and rotations that are due go on. strongroom account reopen ${id} takes it back. To do it, add --yes.`,
    );
  }
  const before = await iam.store.transaction((transaction) => setAccountClosed(transaction, id, iam.clock()));
  if (before === undefined) throw noSuchAccount(id);
  const was =
    before.closedAt === null ? "is closed" : `has been closed since ${new Date(before.closedAt).toISOString()}`;
  process.stdout.write(`account ${id} ${was}\n`);
}

async function reopen({ iam }: Service, id: string): Promise<void> {
  const before = await iam.store.transaction((transaction) => setAccountClosed(transaction, id, null));
  if (before === undefined) throw noSuchAccount(id);
  process.stdout.write(`account ${id} ${before.closedAt === null ? "is open, as it was" : "is open again"}\n`);
}

function noSuchAccount(id: string): Error {
  return new Error(`there is no account ${id}. strongroom account list shows those there are.`);
}
