import type { UpdateAssumeRolePolicyRequest } from "@aws-sdk/client-iam";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { resolvedTrust } from "../trust.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html */
export const updateAssumeRolePolicy: IamOperation<UpdateAssumeRolePolicyRequest, void> = {
  name: "UpdateAssumeRolePolicy",
  async run(call, input) {
    const found = await authorizedEntity(call, "UpdateAssumeRolePolicy", "role", input.RoleName as string);
    const trust = await resolvedTrust(call.iam.identities, input.PolicyDocument as string, found.trust);
    await changeEntity(call, found, (role) => ({ ...role, trust }));
  },
};
