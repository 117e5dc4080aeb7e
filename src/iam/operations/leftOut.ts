import { authorize } from "../authorize.ts";
import { authorizedEntity, authorizedUserOrRoot } from "../named.ts";
import type { IamCall, IamOperation } from "../operation.ts";
import { pageOfList } from "../page.ts";

/** What the operations here take of their inputs. */
interface Input {
  UserName?: string;
  RoleName?: string;
  AllUsers?: boolean;
  Marker?: string;
  MaxItems?: number;
}

/** Finds what the list is about: that must be there, and the caller must be allowed to ask. */
type Subject = (call: IamCall, action: string, input: Input) => unknown;

const ofAccount: Subject = (call, action) => authorize(call, action, { arn: "*" });
const ofUser: Subject = (call, action, { UserName }) => authorizedUserOrRoot(call, action, UserName);
const ofRole: Subject = (call, action, { RoleName }) => authorizedEntity(call, action, "role", RoleName as string);

/**
 * Lists of what this service has none of, which clients read all the same before they delete a user or a role:
 * reference/iam-sts.md §5.2.
 */
export const leftOut: readonly IamOperation[] = [
  emptyList("ListInstanceProfiles", "InstanceProfiles", ofAccount),
  emptyList("ListInstanceProfilesForRole", "InstanceProfiles", ofRole),
  emptyList("ListSAMLProviders", "SAMLProviderList", ofAccount, { paged: false }),
  emptyList("ListServerCertificates", "ServerCertificateMetadataList", ofAccount),
  emptyList("ListServiceSpecificCredentials", "ServiceSpecificCredentials", (call, action, input) =>
    (input.AllUsers ? ofAccount : ofUser)(call, action, input),
  ),
  emptyList("ListSigningCertificates", "Certificates", ofUser),
  emptyList("ListSSHPublicKeys", "SSHPublicKeys", ofUser),
];

/** @param member of the answer */
function emptyList(name: string, member: string, subject: Subject, { paged } = { paged: true }): IamOperation<Input> {
  return {
    name,
    async run(call, input) {
      await subject(call, name, input);
      if (!paged) return { [member]: [] };
      const { items, ...end } = pageOfList(name, [] as never[], input, String);
      return { [member]: items, ...end };
    },
  };
}
