import type { Reader } from "../store/store.ts";
import type { AccessKeyRecord, AccessKeyUse } from "./accessKey.ts";
import type { UserRecord } from "./entity.ts";
import { noSuchEntity } from "./errors.ts";
import type { IamCall } from "./operation.ts";

/** An access key of a user, or with null of the account's root. @throws NoSuchEntity: also where it is another's */
export async function ownAccessKey(
  reader: Reader,
  { principal: { account } }: IamCall,
  user: UserRecord | null,
  id: string,
): Promise<AccessKeyRecord> {
  const key = await reader.accessKey(id);
  if (key?.account === account && key.userId === (user?.id ?? null)) return key;
  throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}

/** When an access key was last used: this process may know more than the store. */
export function lastUse({ iam }: Pick<IamCall, "iam">, { id, lastUsed }: AccessKeyRecord): AccessKeyUse | null {
  const known = iam.credentials.lastUse(id);
  return known !== undefined && known.at > (lastUsed?.at ?? 0) ? known : lastUsed;
}
