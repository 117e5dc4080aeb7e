import { randomInt } from "node:crypto";
import type { Wrapped } from "../hsm/hsm.ts";
import type { Reader, Transaction } from "../store/store.ts";
import type { AccessKeyRecord, AccountRecord } from "./accessKey.ts";

/** @param name what its maker calls it */
export function newAccount(id: string, name: string, now: number): AccountRecord {
  return { id, createdAt: now, name, closedAt: null, alias: null, passwordPolicy: null };
}

export function rootAccessKey(id: string, account: string, secret: Wrapped, now: number): AccessKeyRecord {
  return { id, account, userId: null, status: "Active", secret, createdAt: now, lastUsed: null };
}

/** An id that no account has: 12 digits, the first not 0, which clients in between have been known to drop. */
export async function unusedAccountId(reader: Reader): Promise<string> {
  for (;;) {
    const id = String(randomInt(1e11, 1e12));
    if ((await reader.account(id)) === undefined) return id;
  }
}

/**
 * Closes an account, or opens it again: who belongs to it is refused from the next request on, and so is everybody else
 * at its keys. Nothing of it is destroyed, and what is due by itself (deletion, rotation) goes on.
 * Source: AWS Organizations API Reference, CloseAccount: "the resources won't be available".
 * @param closedAt milliseconds since the epoch; null opens it
 * @returns the account as it was before; undefined when there is none
 */
export async function setAccountClosed(
  transaction: Transaction,
  id: string,
  closedAt: number | null,
): Promise<AccountRecord | undefined> {
  const account = await transaction.account(id);
  if (account === undefined) return undefined;
  if ((account.closedAt === null) !== (closedAt === null)) await transaction.putAccount({ ...account, closedAt });
  return account;
}
