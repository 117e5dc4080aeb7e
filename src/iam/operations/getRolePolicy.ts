import type { GetRolePolicyRequest, GetRolePolicyResponse } from "@aws-sdk/client-iam";
import { getInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export const getRolePolicy: IamOperation<GetRolePolicyRequest, GetRolePolicyResponse> = {
  name: "GetRolePolicy",
  async run(call, input) {
    const { RoleName, PolicyName } = input;
    const { holder, ...policy } = await getInlinePolicy(
      call,
      "GetRolePolicy",
      "role",
      RoleName as string,
      PolicyName as string,
    );
    return { RoleName: holder, ...policy };
  },
};
