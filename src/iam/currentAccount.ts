import type { Reader, Transaction } from "../store/store.ts";
import type { AccountRecord } from "./accessKey.ts";
import type { IamCall } from "./operation.ts";

/** The caller's account: there is one, since somebody of it calls. */
export async function currentAccount(reader: Reader, { principal: { account } }: IamCall): Promise<AccountRecord> {
  const record = await reader.account(account);
  if (record === undefined) throw new Error(`account ${account} is gone while it is at work`);
  return record;
}

/** Changes the caller's account in a transaction. What `change` is given is what the store holds now. */
export function changeAccount(
  call: IamCall,
  change: (account: AccountRecord, transaction: Transaction) => AccountRecord | Promise<AccountRecord>,
): Promise<void> {
  return call.iam.store.transaction(async (transaction) => {
    await transaction.putAccount(await change(await currentAccount(transaction, call), transaction));
  });
}
