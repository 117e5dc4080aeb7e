import type { IamOperation } from "../operation.ts";
import { addUserToGroup } from "./addUserToGroup.ts";
import { changePassword } from "./changePassword.ts";
import { createAccessKey } from "./createAccessKey.ts";
import { createAccountAlias } from "./createAccountAlias.ts";
import { createGroup } from "./createGroup.ts";
import { createLoginProfile } from "./createLoginProfile.ts";
import { createUser } from "./createUser.ts";
import { createVirtualMFADevice } from "./createVirtualMFADevice.ts";
import { deactivateMFADevice } from "./deactivateMFADevice.ts";
import { deleteAccessKey } from "./deleteAccessKey.ts";
import { deleteAccountAlias } from "./deleteAccountAlias.ts";
import { deleteAccountPasswordPolicy } from "./deleteAccountPasswordPolicy.ts";
import { deleteGroup } from "./deleteGroup.ts";
import { deleteLoginProfile } from "./deleteLoginProfile.ts";
import { deleteUser } from "./deleteUser.ts";
import { deleteUserPermissionsBoundary } from "./deleteUserPermissionsBoundary.ts";
import { deleteVirtualMFADevice } from "./deleteVirtualMFADevice.ts";
import { enableMFADevice } from "./enableMFADevice.ts";
import { generateCredentialReport } from "./generateCredentialReport.ts";
import { getAccessKeyLastUsed } from "./getAccessKeyLastUsed.ts";
import { getAccountPasswordPolicy } from "./getAccountPasswordPolicy.ts";
import { getAccountSummary } from "./getAccountSummary.ts";
import { getCredentialReport } from "./getCredentialReport.ts";
import { getGroup } from "./getGroup.ts";
import { getLoginProfile } from "./getLoginProfile.ts";
import { getMFADevice } from "./getMFADevice.ts";
import { getUser } from "./getUser.ts";
import { leftOut } from "./leftOut.ts";
import { listAccessKeys } from "./listAccessKeys.ts";
import { listAccountAliases } from "./listAccountAliases.ts";
import { listGroups } from "./listGroups.ts";
import { listGroupsForUser } from "./listGroupsForUser.ts";
import { listMFADevices } from "./listMFADevices.ts";
import { listMFADeviceTags } from "./listMFADeviceTags.ts";
import { listUsers } from "./listUsers.ts";
import { listUserTags } from "./listUserTags.ts";
import { listVirtualMFADevices } from "./listVirtualMFADevices.ts";
import { putUserPermissionsBoundary } from "./putUserPermissionsBoundary.ts";
import { removeUserFromGroup } from "./removeUserFromGroup.ts";
import { resyncMFADevice } from "./resyncMFADevice.ts";
import { tagMFADevice } from "./tagMFADevice.ts";
import { tagUser } from "./tagUser.ts";
import { untagMFADevice } from "./untagMFADevice.ts";
import { untagUser } from "./untagUser.ts";
import { updateAccessKey } from "./updateAccessKey.ts";
import { updateAccountPasswordPolicy } from "./updateAccountPasswordPolicy.ts";
import { updateGroup } from "./updateGroup.ts";
import { updateLoginProfile } from "./updateLoginProfile.ts";
import { updateUser } from "./updateUser.ts";

/** Every operation of IAM that this service has; what is not here is unknown. */
export const iamOperations: readonly IamOperation[] = [
  addUserToGroup,
  changePassword,
  createAccessKey,
  createAccountAlias,
  createGroup,
  createLoginProfile,
  createUser,
  createVirtualMFADevice,
  deactivateMFADevice,
  deleteAccessKey,
  deleteAccountAlias,
  deleteAccountPasswordPolicy,
  deleteGroup,
  deleteLoginProfile,
  deleteUser,
  deleteUserPermissionsBoundary,
  deleteVirtualMFADevice,
  enableMFADevice,
  generateCredentialReport,
  getAccessKeyLastUsed,
  getAccountPasswordPolicy,
  getAccountSummary,
  getCredentialReport,
  getGroup,
  getLoginProfile,
  getMFADevice,
  getUser,
  ...leftOut,
  listAccessKeys,
  listAccountAliases,
  listGroups,
  listGroupsForUser,
  listMFADevices,
  listMFADeviceTags,
  listUsers,
  listUserTags,
  listVirtualMFADevices,
  putUserPermissionsBoundary,
  removeUserFromGroup,
  resyncMFADevice,
  tagMFADevice,
  tagUser,
  untagMFADevice,
  untagUser,
  updateAccessKey,
  updateAccountPasswordPolicy,
  updateGroup,
  updateLoginProfile,
  updateUser,
];
