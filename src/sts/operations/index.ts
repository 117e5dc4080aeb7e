import type { IamOperation } from "../../iam/operation.ts";
import type { UnsignedOperation } from "../unsignedOperation.ts";
import { ProviderKeys } from "../webIdentity/providerKeys.ts";
import { assumeRole } from "./assumeRole.ts";
import { assumeRoleWithWebIdentity } from "./assumeRoleWithWebIdentity.ts";
import { decodeAuthorizationMessage } from "./decodeAuthorizationMessage.ts";
import { getAccessKeyInfo } from "./getAccessKeyInfo.ts";
import { getCallerIdentity } from "./getCallerIdentity.ts";
import { getFederationToken } from "./getFederationToken.ts";
import { getSessionToken } from "./getSessionToken.ts";

/** Every operation of STS that is served, save those of {@link unsignedOperations}. */
export const stsOperations: readonly IamOperation[] = [
  assumeRole,
  decodeAuthorizationMessage,
  getAccessKeyInfo,
  getCallerIdentity,
  getFederationToken,
  getSessionToken,
];

/** Those that nobody signs for. */
export const unsignedOperations: readonly UnsignedOperation[] = [assumeRoleWithWebIdentity(new ProviderKeys())];
