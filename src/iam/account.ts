import type { Wrapped } from "../hsm/hsm.ts";
import type { AccessKeyRecord, AccountRecord } from "./accessKey.ts";

/** @param name what its maker calls it */
export function newAccount(id: string, name: string, now: number): AccountRecord {
  return { id, createdAt: now, name, closedAt: null, alias: null, passwordPolicy: null };
}

export function rootAccessKey(id: string, account: string, secret: Wrapped, now: number): AccessKeyRecord {
  return { id, account, userId: null, status: "Active", secret, createdAt: now, lastUsed: null };
}
