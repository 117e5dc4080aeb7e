import type { GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import type { IamOperation } from "../operation.ts";
import { contextKeys, distinctKeys } from "../policyText.ts";
import { givenPolicies } from "../simulatedPolicy.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html */
export const getContextKeysForCustomPolicy: IamOperation<
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse
> = {
  name: "GetContextKeysForCustomPolicy",
  run(call, input) {
    authorize(call, "GetContextKeysForCustomPolicy", { arn: "*" });
    const policies = givenPolicies("PolicyInputList", input.PolicyInputList);
    return { ContextKeyNames: distinctKeys(policies.flatMap(({ text }) => contextKeys(text))) };
  },
};
