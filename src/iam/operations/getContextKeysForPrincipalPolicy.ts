import type { GetContextKeysForPolicyResponse, GetContextKeysForPrincipalPolicyRequest } from "@aws-sdk/client-iam";
import type { IamOperation } from "../operation.ts";
import { contextKeys, distinctKeys } from "../policyText.ts";
import { authorizedPrincipal, givenPolicies } from "../simulatedPolicy.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForPrincipalPolicy.html */
export const getContextKeysForPrincipalPolicy: IamOperation<
  GetContextKeysForPrincipalPolicyRequest,
  GetContextKeysForPolicyResponse
> = {
  name: "GetContextKeysForPrincipalPolicy",
  async run(call, input) {
    const source = input.PolicySourceArn as string;
    const { policies } = await authorizedPrincipal(call, "GetContextKeysForPrincipalPolicy", source);
    const given = givenPolicies("PolicyInputList", input.PolicyInputList);
    return { ContextKeyNames: distinctKeys([...policies, ...given].flatMap(({ text }) => contextKeys(text))) };
  },
};
