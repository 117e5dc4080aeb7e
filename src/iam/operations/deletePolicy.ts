import type { DeletePolicyRequest } from "@aws-sdk/client-iam";
import { deleteConflict } from "../errors.ts";
import { authorizedPolicy, currentPolicy, policyUse, requireOwnPolicy } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html */
export const deletePolicy: IamOperation<DeletePolicyRequest, void> = {
  name: "DeletePolicy",
  async run(call, input) {
    const arn = input.PolicyArn as string;
    const found = await authorizedPolicy(call, "DeletePolicy", arn);
    requireOwnPolicy(found, "delete policies");
    await call.iam.store.transaction(async (transaction) => {
      const policy = await currentPolicy(transaction, found);
      const { attachments, boundaries } = await policyUse(transaction, policy.account, arn);
      if (attachments + boundaries > 0) throw deleteConflict("Cannot delete a policy attached to entities.");
      if (policy.versions.length > 1) {
        throw deleteConflict(
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
        );
      }
      await transaction.deleteEntity(policy);
    });
  },
};
