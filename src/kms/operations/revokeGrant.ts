import type { RevokeGrantRequest } from "@aws-sdk/client-kms";
import { parameterCondition } from "../conditionValues.ts";
import { deleteGrant, requireGrantId } from "../grant.ts";
import { keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html */
export const revokeGrant = keyOperation<RevokeGrantRequest, void>({
  name: "RevokeGrant",
  conditions: () => parameterCondition("kms:grantisforawsresource", false), // no AWS service calls here
  async run(call, key, input) {
    await deleteGrant(call.kms.store, key.record, requireGrantId(input.GrantId as string), input.DryRun);
  },
});
