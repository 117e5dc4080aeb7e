import type { GetGroupPolicyRequest, GetGroupPolicyResponse } from "@aws-sdk/client-iam";
import { getInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html */
export const getGroupPolicy: IamOperation<GetGroupPolicyRequest, GetGroupPolicyResponse> = {
  name: "GetGroupPolicy",
  async run(call, input) {
    const { GroupName, PolicyName } = input;
    const { holder, ...policy } = await getInlinePolicy(
      call,
      "GetGroupPolicy",
      "group",
      GroupName as string,
      PolicyName as string,
    );
    return { GroupName: holder, ...policy };
  },
};
