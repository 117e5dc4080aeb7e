import type { Operation } from "../operation.ts";
import { cancelKeyDeletion } from "./cancelKeyDeletion.ts";
import { createAlias } from "./createAlias.ts";
import { createGrant } from "./createGrant.ts";
import { createKey } from "./createKey.ts";
import { decrypt } from "./decrypt.ts";
import { deleteAlias } from "./deleteAlias.ts";
import { describeKey } from "./describeKey.ts";
import { disableKey } from "./disableKey.ts";
import { disableKeyRotation } from "./disableKeyRotation.ts";
import { enableKey } from "./enableKey.ts";
import { enableKeyRotation } from "./enableKeyRotation.ts";
import { encrypt } from "./encrypt.ts";
import { generateDataKey } from "./generateDataKey.ts";
import { generateDataKeyWithoutPlaintext } from "./generateDataKeyWithoutPlaintext.ts";
import { generateRandom } from "./generateRandom.ts";
import { getKeyPolicy } from "./getKeyPolicy.ts";
import { getKeyRotationStatus } from "./getKeyRotationStatus.ts";
import { listAliases } from "./listAliases.ts";
import { listGrants } from "./listGrants.ts";
import { listKeyPolicies } from "./listKeyPolicies.ts";
import { listKeyRotations } from "./listKeyRotations.ts";
import { listKeys } from "./listKeys.ts";
import { listResourceTags } from "./listResourceTags.ts";
import { listRetirableGrants } from "./listRetirableGrants.ts";
import { putKeyPolicy } from "./putKeyPolicy.ts";
import { reEncrypt } from "./reEncrypt.ts";
import { retireGrant } from "./retireGrant.ts";
import { revokeGrant } from "./revokeGrant.ts";
import { rotateKeyOnDemand } from "./rotateKeyOnDemand.ts";
import { scheduleKeyDeletion } from "./scheduleKeyDeletion.ts";
import { tagResource } from "./tagResource.ts";
import { untagResource } from "./untagResource.ts";
import { updateAlias } from "./updateAlias.ts";
import { updateKeyDescription } from "./updateKeyDescription.ts";

/** Every operation of the API that this service has; what is not here is unknown. */
export const operations: readonly Operation[] = [
  cancelKeyDeletion,
  createAlias,
  createGrant,
  createKey,
  decrypt,
  deleteAlias,
  describeKey,
  disableKey,
  disableKeyRotation,
  enableKey,
  enableKeyRotation,
  encrypt,
  generateDataKey,
  generateDataKeyWithoutPlaintext,
  generateRandom,
  getKeyPolicy,
  getKeyRotationStatus,
  listAliases,
  listGrants,
  listKeyPolicies,
  listKeyRotations,
  listKeys,
  listResourceTags,
  listRetirableGrants,
  putKeyPolicy,
  reEncrypt,
  retireGrant,
  revokeGrant,
  rotateKeyOnDemand,
  scheduleKeyDeletion,
  tagResource,
  untagResource,
  updateAlias,
  updateKeyDescription,
];
