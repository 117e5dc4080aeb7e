import type { AccessKeyRecord, AccountRecord } from "./accessKey.ts";
import { entityArn } from "./authorize.ts";
import { link } from "./entities.ts";
import type { UserRecord } from "./entity.ts";
import type { IamCall } from "./operation.ts";
import { lastUse } from "./userAccessKey.ts";

/** A report as the store keeps it, so that every process shows the same. */
export interface CredentialReport {
  /** milliseconds since the epoch */
  readonly generatedAt: number;
  readonly csv: string;
}

/** How long a report is good; milliseconds. IAM User Guide, "Generate credential reports for your AWS account" */
export const REPORT_LIFETIME = 4 * 60 * 60 * 1000;
const DAY = 24 * 60 * 60 * 1000;
/** How many users are read at a time. */
const USERS = 200;

const COLUMNS = [
  ...["user", "arn", "user_creation_time"],
  ...["password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active"],
  ...[1, 2].flatMap((n) => [
    ...[`access_key_${n}_active`, `access_key_${n}_last_rotated`, `access_key_${n}_last_used_date`],
    ...[`access_key_${n}_last_used_region`, `access_key_${n}_last_used_service`],
  ]),
  ...[1, 2].flatMap((n) => [`cert_${n}_active`, `cert_${n}_last_rotated`]),
];
/** There are no signing certificates here. */
const CERTIFICATES = ["false", "N/A", "false", "N/A"];

/** The setting in which an account's report lies. */
const settingOf = (account: string) => `credentialReport ${account}`;

export async function storedReport({ iam, principal }: IamCall): Promise<CredentialReport | undefined> {
  const text = await iam.store.setting(settingOf(principal.account));
  return text === undefined ? undefined : JSON.parse(text);
}

export async function storeReport({ iam, principal }: IamCall, report: CredentialReport): Promise<void> {
  await iam.store.transaction((transaction) =>
    transaction.putSetting(settingOf(principal.account), JSON.stringify(report)),
  );
}

/** A line for the root, then one for each user: reference/iam-sts.md §3.9. */
export async function credentialReport(call: IamCall, account: AccountRecord): Promise<CredentialReport> {
  const lines = [COLUMNS, await rootLine(call, account)];
  let after: string | undefined;
  for (;;) {
    const users = await call.iam.store.entities(account.id, "user", { after, limit: USERS });
    for (const user of users) lines.push(await userLine(call, account, user));
    if (users.length < USERS) break;
    after = users.at(-1)?.name.toLowerCase();
    // An account may have thousands, and others wait.
    await new Promise(setImmediate);
  }
  return { generatedAt: call.iam.clock(), csv: lines.map((line) => line.map(quoted).join(",")).join("\n") };
}

async function rootLine(call: IamCall, { id, createdAt }: AccountRecord): Promise<string[]> {
  const password = ["not_supported", "N/A", "not_supported", "not_supported"];
  const keys = await keyColumns(call, id, null);
  const mfa = await mfaActive(call, id);
  return ["<root_account>", `arn:aws:iam::${id}:root`, date(createdAt), ...password, mfa, ...keys, ...CERTIFICATES];
}

async function userLine(call: IamCall, account: AccountRecord, user: UserRecord): Promise<string[]> {
  const keys = await keyColumns(call, account.id, user.id);
  const mfa = await mfaActive(call, user.id);
  const password = passwordColumns(account, user);
  return [user.name, entityArn(user), date(user.createdAt), ...password, mfa, ...keys, ...CERTIFICATES];
}

function passwordColumns(
  { passwordPolicy }: AccountRecord,
  { loginProfile, passwordLastUsedAt }: UserRecord,
): string[] {
  if (loginProfile === null) return ["false", "N/A", "N/A", "N/A"];
  const { changedAt } = loginProfile;
  const days = passwordPolicy?.MaxPasswordAge ?? null;
  return [
    "true",
    passwordLastUsedAt === null ? "no_information" : date(passwordLastUsedAt),
    date(changedAt),
    days === null ? "N/A" : date(changedAt + days * DAY),
  ];
}

async function keyColumns(call: IamCall, account: string, userId: string | null): Promise<string[]> {
  const [first, second] = await call.iam.store.accessKeysOf(account, userId);
  return [first, second].flatMap((key) => oneKeyColumns(call, key));
}

function oneKeyColumns(call: IamCall, key: AccessKeyRecord | undefined): string[] {
  if (key === undefined) return ["false", "N/A", "N/A", "N/A", "N/A"];
  const use = lastUse(call, key);
  const used = use === null ? ["N/A", "N/A", "N/A"] : [date(use.at), use.region, use.service];
  return [String(key.status === "Active"), date(key.createdAt), ...used];
}

async function mfaActive({ iam }: IamCall, owner: string): Promise<string> {
  return String((await iam.store.countLinked(link.mfa(owner))) > 0);
}

function date(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "+00:00");
}

/** Names and paths may have commas and quotation marks: RFC 4180 §2. */
function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
