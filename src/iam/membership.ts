import { nameKey } from "./entities.ts";
import type { GroupRecord, UserRecord } from "./entity.ts";
import { noSuchHolder } from "./errors.ts";
import { authorizeNamed } from "./named.ts";
import type { IamCall } from "./operation.ts";

/**
 * The user and the group that a request names, once the caller may call the operation on the group. Where both are not
 * there, AWS misses the user: reference/iam-sts.md §3.2.
 * @throws AccessDenied; NoSuchEntity
 */
export async function authorizedMembership(
  call: IamCall,
  action: "AddUserToGroup" | "RemoveUserFromGroup",
  { UserName = "", GroupName = "" }: { UserName: string | undefined; GroupName: string | undefined },
): Promise<{ user: UserRecord; group: GroupRecord }> {
  const group = await authorizeNamed(call, action, "group", GroupName);
  const user = await call.iam.store.entityNamed(call.principal.account, "user", nameKey("user", UserName));
  if (user === undefined) throw noSuchHolder("user", UserName);
  if (group === undefined) throw noSuchHolder("group", GroupName);
  return { user, group };
}
