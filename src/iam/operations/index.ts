import type { IamOperation } from "../operation.ts";
import { addClientIDToOpenIDConnectProvider } from "./addClientIDToOpenIDConnectProvider.ts";
import { addUserToGroup } from "./addUserToGroup.ts";
import { attachGroupPolicy } from "./attachGroupPolicy.ts";
import { attachRolePolicy } from "./attachRolePolicy.ts";
import { attachUserPolicy } from "./attachUserPolicy.ts";
import { changePassword } from "./changePassword.ts";
import { createAccessKey } from "./createAccessKey.ts";
import { createAccountAlias } from "./createAccountAlias.ts";
import { createGroup } from "./createGroup.ts";
import { createLoginProfile } from "./createLoginProfile.ts";
import { createOpenIDConnectProvider } from "./createOpenIDConnectProvider.ts";
import { createPolicy } from "./createPolicy.ts";
import { createPolicyVersion } from "./createPolicyVersion.ts";
import { createRole } from "./createRole.ts";
import { createUser } from "./createUser.ts";
import { createVirtualMFADevice } from "./createVirtualMFADevice.ts";
import { deactivateMFADevice } from "./deactivateMFADevice.ts";
import { deleteAccessKey } from "./deleteAccessKey.ts";
import { deleteAccountAlias } from "./deleteAccountAlias.ts";
import { deleteAccountPasswordPolicy } from "./deleteAccountPasswordPolicy.ts";
import { deleteGroup } from "./deleteGroup.ts";
import { deleteGroupPolicy } from "./deleteGroupPolicy.ts";
import { deleteLoginProfile } from "./deleteLoginProfile.ts";
import { deleteOpenIDConnectProvider } from "./deleteOpenIDConnectProvider.ts";
import { deletePolicy } from "./deletePolicy.ts";
import { deletePolicyVersion } from "./deletePolicyVersion.ts";
import { deleteRole } from "./deleteRole.ts";
import { deleteRolePermissionsBoundary } from "./deleteRolePermissionsBoundary.ts";
import { deleteRolePolicy } from "./deleteRolePolicy.ts";
import { deleteUser } from "./deleteUser.ts";
import { deleteUserPermissionsBoundary } from "./deleteUserPermissionsBoundary.ts";
import { deleteUserPolicy } from "./deleteUserPolicy.ts";
import { deleteVirtualMFADevice } from "./deleteVirtualMFADevice.ts";
import { detachGroupPolicy } from "./detachGroupPolicy.ts";
import { detachRolePolicy } from "./detachRolePolicy.ts";
import { detachUserPolicy } from "./detachUserPolicy.ts";
import { enableMFADevice } from "./enableMFADevice.ts";
import { generateCredentialReport } from "./generateCredentialReport.ts";
import { getAccessKeyLastUsed } from "./getAccessKeyLastUsed.ts";
import { getAccountAuthorizationDetails } from "./getAccountAuthorizationDetails.ts";
import { getAccountPasswordPolicy } from "./getAccountPasswordPolicy.ts";
import { getAccountSummary } from "./getAccountSummary.ts";
import { getContextKeysForCustomPolicy } from "./getContextKeysForCustomPolicy.ts";
import { getContextKeysForPrincipalPolicy } from "./getContextKeysForPrincipalPolicy.ts";
import { getCredentialReport } from "./getCredentialReport.ts";
import { getGroup } from "./getGroup.ts";
import { getGroupPolicy } from "./getGroupPolicy.ts";
import { getLoginProfile } from "./getLoginProfile.ts";
import { getMFADevice } from "./getMFADevice.ts";
import { getOpenIDConnectProvider } from "./getOpenIDConnectProvider.ts";
import { getPolicy } from "./getPolicy.ts";
import { getPolicyVersion } from "./getPolicyVersion.ts";
import { getRole } from "./getRole.ts";
import { getRolePolicy } from "./getRolePolicy.ts";
import { getUser } from "./getUser.ts";
import { getUserPolicy } from "./getUserPolicy.ts";
import { leftOut } from "./leftOut.ts";
import { listAccessKeys } from "./listAccessKeys.ts";
import { listAccountAliases } from "./listAccountAliases.ts";
import { listAttachedGroupPolicies } from "./listAttachedGroupPolicies.ts";
import { listAttachedRolePolicies } from "./listAttachedRolePolicies.ts";
import { listAttachedUserPolicies } from "./listAttachedUserPolicies.ts";
import { listEntitiesForPolicy } from "./listEntitiesForPolicy.ts";
import { listGroupPolicies } from "./listGroupPolicies.ts";
import { listGroups } from "./listGroups.ts";
import { listGroupsForUser } from "./listGroupsForUser.ts";
import { listMFADevices } from "./listMFADevices.ts";
import { listMFADeviceTags } from "./listMFADeviceTags.ts";
import { listOpenIDConnectProviders } from "./listOpenIDConnectProviders.ts";
import { listOpenIDConnectProviderTags } from "./listOpenIDConnectProviderTags.ts";
import { listPolicies } from "./listPolicies.ts";
import { listPoliciesGrantingServiceAccess } from "./listPoliciesGrantingServiceAccess.ts";
import { listPolicyTags } from "./listPolicyTags.ts";
import { listPolicyVersions } from "./listPolicyVersions.ts";
import { listRolePolicies } from "./listRolePolicies.ts";
import { listRoles } from "./listRoles.ts";
import { listRoleTags } from "./listRoleTags.ts";
import { listUserPolicies } from "./listUserPolicies.ts";
import { listUsers } from "./listUsers.ts";
import { listUserTags } from "./listUserTags.ts";
import { listVirtualMFADevices } from "./listVirtualMFADevices.ts";
import { putGroupPolicy } from "./putGroupPolicy.ts";
import { putRolePermissionsBoundary } from "./putRolePermissionsBoundary.ts";
import { putRolePolicy } from "./putRolePolicy.ts";
import { putUserPermissionsBoundary } from "./putUserPermissionsBoundary.ts";
import { putUserPolicy } from "./putUserPolicy.ts";
import { removeClientIDFromOpenIDConnectProvider } from "./removeClientIDFromOpenIDConnectProvider.ts";
import { removeUserFromGroup } from "./removeUserFromGroup.ts";
import { resyncMFADevice } from "./resyncMFADevice.ts";
import { setDefaultPolicyVersion } from "./setDefaultPolicyVersion.ts";
import { simulateCustomPolicy } from "./simulateCustomPolicy.ts";
import { simulatePrincipalPolicy } from "./simulatePrincipalPolicy.ts";
import { tagMFADevice } from "./tagMFADevice.ts";
import { tagOpenIDConnectProvider } from "./tagOpenIDConnectProvider.ts";
import { tagPolicy } from "./tagPolicy.ts";
import { tagRole } from "./tagRole.ts";
import { tagUser } from "./tagUser.ts";
import { untagMFADevice } from "./untagMFADevice.ts";
import { untagOpenIDConnectProvider } from "./untagOpenIDConnectProvider.ts";
import { untagPolicy } from "./untagPolicy.ts";
import { untagRole } from "./untagRole.ts";
import { untagUser } from "./untagUser.ts";
import { updateAccessKey } from "./updateAccessKey.ts";
import { updateAccountPasswordPolicy } from "./updateAccountPasswordPolicy.ts";
import { updateAssumeRolePolicy } from "./updateAssumeRolePolicy.ts";
import { updateGroup } from "./updateGroup.ts";
import { updateLoginProfile } from "./updateLoginProfile.ts";
import { updateOpenIDConnectProviderThumbprint } from "./updateOpenIDConnectProviderThumbprint.ts";
import { updateRole } from "./updateRole.ts";
import { updateRoleDescription } from "./updateRoleDescription.ts";
import { updateUser } from "./updateUser.ts";

/** Every operation of IAM that this service has; what is not here is unknown. */
export const iamOperations: readonly IamOperation[] = [
  addClientIDToOpenIDConnectProvider,
  addUserToGroup,
  attachGroupPolicy,
  attachRolePolicy,
  attachUserPolicy,
  changePassword,
  createAccessKey,
  createAccountAlias,
  createGroup,
  createLoginProfile,
  createOpenIDConnectProvider,
  createPolicy,
  createPolicyVersion,
  createRole,
  createUser,
  createVirtualMFADevice,
  deactivateMFADevice,
  deleteAccessKey,
  deleteAccountAlias,
  deleteAccountPasswordPolicy,
  deleteGroup,
  deleteGroupPolicy,
  deleteLoginProfile,
  deleteOpenIDConnectProvider,
  deletePolicy,
  deletePolicyVersion,
  deleteRole,
  deleteRolePermissionsBoundary,
  deleteRolePolicy,
  deleteUser,
  deleteUserPermissionsBoundary,
  deleteUserPolicy,
  deleteVirtualMFADevice,
  detachGroupPolicy,
  detachRolePolicy,
  detachUserPolicy,
  enableMFADevice,
  generateCredentialReport,
  getAccessKeyLastUsed,
  getAccountAuthorizationDetails,
  getAccountPasswordPolicy,
  getAccountSummary,
  getContextKeysForCustomPolicy,
  getContextKeysForPrincipalPolicy,
  getCredentialReport,
  getGroup,
  getGroupPolicy,
  getLoginProfile,
  getMFADevice,
  getOpenIDConnectProvider,
  getPolicy,
  getPolicyVersion,
  getRole,
  getRolePolicy,
  getUser,
  ...leftOut,
  getUserPolicy,
  listAccessKeys,
  listAccountAliases,
  listAttachedGroupPolicies,
  listAttachedRolePolicies,
  listAttachedUserPolicies,
  listEntitiesForPolicy,
  listGroupPolicies,
  listGroups,
  listGroupsForUser,
  listMFADevices,
  listMFADeviceTags,
  listOpenIDConnectProviders,
  listOpenIDConnectProviderTags,
  listPolicies,
  listPoliciesGrantingServiceAccess,
  listPolicyTags,
  listPolicyVersions,
  listRolePolicies,
  listRoles,
  listRoleTags,
  listUserPolicies,
  listUsers,
  listUserTags,
  listVirtualMFADevices,
  putGroupPolicy,
  putRolePermissionsBoundary,
  putRolePolicy,
  putUserPermissionsBoundary,
  putUserPolicy,
  removeClientIDFromOpenIDConnectProvider,
  removeUserFromGroup,
  resyncMFADevice,
  setDefaultPolicyVersion,
  simulateCustomPolicy,
  simulatePrincipalPolicy,
  tagMFADevice,
  tagOpenIDConnectProvider,
  tagPolicy,
  tagRole,
  tagUser,
  untagMFADevice,
  untagOpenIDConnectProvider,
  untagPolicy,
  untagRole,
  untagUser,
  updateAccessKey,
  updateAccountPasswordPolicy,
  updateAssumeRolePolicy,
  updateGroup,
  updateLoginProfile,
  updateOpenIDConnectProviderThumbprint,
  updateRole,
  updateRoleDescription,
  updateUser,
];
