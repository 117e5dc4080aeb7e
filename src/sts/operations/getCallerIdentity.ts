import type { GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import type { IamOperation } from "../../iam/operation.ts";

/** Needs no permission, and no policy can deny it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const getCallerIdentity: IamOperation<object, GetCallerIdentityResponse> = {
  name: "GetCallerIdentity",
  run({ principal: { userId, account, arn } }) {
    return { UserId: userId, Account: account, Arn: arn };
  },
};
