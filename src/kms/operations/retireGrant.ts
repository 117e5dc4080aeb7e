import type { RetireGrantRequest } from "@aws-sdk/client-kms";
import { Grade } from "../../policy/principal.ts";
import { keyArn } from "../arn.ts";
import { authorize } from "../authorize.ts";
import { ValidationException } from "../errors.ts";
import { deleteGrant, requireGrantId, retirers } from "../grant.ts";
import { constraintConditions } from "../grantConstraints.ts";
import { openGrantToken } from "../grantToken.ts";
import { resolveKey } from "../keyReference.ts";
import type { Call, Operation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html */
export const retireGrant: Operation<RetireGrantRequest, void> = {
  name: "RetireGrant",
  async run(call, input) {
    const { keyId, grantId } = await namedGrant(call, input);
    call.touched.grantId = grantId;
    const key = await resolveKey(call, keyId, { name: "RetireGrant" });
    const record = await call.kms.store.grant(key.record, grantId);
    const grade = record === undefined ? Grade.none : retirers(record).grade(call.principal.caller.names);
    await authorize(call, "RetireGrant", key, constraintConditions(record?.constraints), {
      reference: keyId,
      granted: () => (record === undefined || grade === Grade.none ? undefined : { record, grade }),
    });
    await deleteGrant(call.kms.store, key.record, grantId, input.DryRun);
  },
};

/** The grant that a token stands for, or that a key and an id name. */
async function namedGrant(
  call: Call,
  { GrantToken, KeyId, GrantId }: RetireGrantRequest,
): Promise<{ keyId: string; grantId: string }> {
  if (GrantToken !== undefined && KeyId === undefined && GrantId === undefined) {
    const { key, id } = await openGrantToken(call, GrantToken);
    return { keyId: keyArn(key), grantId: id };
  }
  if (GrantToken === undefined && KeyId !== undefined && GrantId !== undefined) {
    return { keyId: KeyId, grantId: requireGrantId(GrantId) };
  }
  throw new ValidationException("You must specify either GrantToken, or both KeyId and GrantId.");
}
