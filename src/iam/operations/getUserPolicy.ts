import type { GetUserPolicyRequest, GetUserPolicyResponse } from "@aws-sdk/client-iam";
import { getInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html */
export const getUserPolicy: IamOperation<GetUserPolicyRequest, GetUserPolicyResponse> = {
  name: "GetUserPolicy",
  async run(call, input) {
    const { UserName, PolicyName } = input;
    const { holder, ...policy } = await getInlinePolicy(
      call,
      "GetUserPolicy",
      "user",
      UserName as string,
      PolicyName as string,
    );
    return { UserName: holder, ...policy };
  },
};
