import { resolve } from "node:path";
import type { Command } from "commander";
import { namedPrincipal } from "../iam/namedPrincipal.ts";
import { type AccessQuestion, explainAccess } from "../kms/accessExplanation.ts";
import { operations } from "../kms/operations/index.ts";
import type { ContextValue } from "../policy/context.ts";
import { lastEndpoint } from "./env.ts";
import { explanationReport, reportText } from "./explanationReport.ts";
import { type RootKeyFlags, rootKeyOptions } from "./options.ts";
import { dataPaths, openExistingService } from "./service.ts";

interface ExplainFlags extends RootKeyFlags {
  principal: string;
  action: string;
  resource: string;
  context: string[];
  region: string;
  json?: true;
}

export function explainCommand(program: Command): void {
  rootKeyOptions(
    program
      .command("explain")
      .description(
        "Say whether a principal may do something with a key, and which policies and statements decide that.",
      ),
  )
    .requiredOption("--principal <arn>", "the ARN of an account's root, of a user, of a role or of a role's session")
    .requiredOption("--action <name>", "an action of KMS, such as kms:Decrypt")
    .requiredOption("--resource <arn>", "the ARN of a key or of an alias; * for actions without a key")
    .option("--context <key=value>", "what the request says to conditions; any number of times", collect, [])
    .option("--region <name>", "the Region asked, where the resource is *", "us-east-1")
    .option("--json", "print the explanation as JSON")
    .addHelpText(
      "after",
      `
Example:
  $ strongroom explain --principal arn:aws:iam::111122223333:user/bob --action kms:Decrypt \\
      --resource arn:aws:kms:us-east-1:111122223333:alias/app --context kms:EncryptionContext:purpose=backup

Decides from what is in the store, as a server does, and calls nothing. A role is taken without session policies and
tags. What the server takes from a request, such as aws:SourceIp, is absent unless --context gives it.
Exit status: 0 allowed, 1 denied, 2 the question has no answer.`,
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(async (flags: ExplainFlags) => {
      try {
        process.exitCode = (await explainTo(process.stdout, flags)) ? 0 : 1;
      } catch (error) {
        process.stderr.write(`strongroom: ${(error as Error).message}\n`);
        process.exitCode = 2;
      }
    });
}

/** @returns whether the request would be allowed */
async function explainTo(output: NodeJS.WritableStream, flags: ExplainFlags): Promise<boolean> {
  const operation = operationOf(flags.action);
  const region = regionOf(flags);
  const question: AccessQuestion = { operation, resource: flags.resource, ...readContext(flags.context) };
  const data = resolve(flags.data);
  const service = await openExistingService({ ...flags, data });
  try {
    const { kms, iam } = service;
    const principal = await namedPrincipal(iam, flags.principal);
    if (principal === undefined) throw new Error(`there is no root, user or role ${flags.principal}`);
    const { endpoint } = await lastEndpoint(dataPaths(data).endpoint);
    const connection = { sourceIp: undefined, secure: endpoint.startsWith("https:"), header: () => undefined };
    const call = { kms, principal, region, connection, requestId: "", touched: { keys: [] } };
    const explanation = await explainAccess(call, question);
    const report = await explanationReport(iam, principal, question, explanation);
    output.write(flags.json ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report));
    return report.decision === "allow";
  } finally {
    await service.close();
  }
}

/** The action as AWS spells it, without its `kms:`. */
function operationOf(action: string): string {
  const wanted = action.toLowerCase();
  if (!wanted.startsWith("kms:")) {
    throw new Error(`${action} is no action of KMS. For others there is aws iam simulate-principal-policy.`);
  }
  const known = operations.flatMap(({ name }) => (name === "ReEncrypt" ? ["ReEncryptFrom", "ReEncryptTo"] : [name]));
  const found = known.find((name) => `kms:${name.toLowerCase()}` === wanted);
  if (found !== undefined) return found;
  const hint = wanted === "kms:reencrypt" ? "; the actions of ReEncrypt are kms:ReEncryptFrom and kms:ReEncryptTo" : "";
  throw new Error(`${action} is no action that this service has${hint}`);
}

/** A key is asked about where it is. */
function regionOf({ resource, region }: ExplainFlags): string {
  if (resource === "*") return region;
  const found = /^arn:aws:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/./.exec(resource)?.[1];
  if (found === undefined) throw new Error(`${resource} is neither a key's or an alias's ARN nor *`);
  return found;
}

const ENCRYPTION_CONTEXT = "kms:encryptioncontext:";

/** A key that is given more than once has several values. */
function readContext(entries: readonly string[]): Pick<AccessQuestion, "values" | "encryptionContext"> {
  const given = new Map<string, ContextValue>();
  const encryptionContext: Record<string, string> = {};
  for (const entry of entries) {
    const end = entry.indexOf("=");
    if (end < 1) throw new Error(`--context ${entry}: key=value is needed`);
    const [key, value] = [entry.slice(0, end), entry.slice(end + 1)];
    const name = key.toLowerCase();
    if (name.startsWith(ENCRYPTION_CONTEXT)) {
      encryptionContext[key.slice(ENCRYPTION_CONTEXT.length)] = value;
      continue;
    }
    const earlier = given.get(name);
    given.set(name, earlier === undefined ? value : [earlier, value].flat());
  }
  return {
    values: (name) => given.get(name),
    encryptionContext: Object.keys(encryptionContext).length > 0 ? encryptionContext : undefined,
  };
}

function collect(entry: string, earlier: string[]): string[] {
  return [...earlier, entry];
}
