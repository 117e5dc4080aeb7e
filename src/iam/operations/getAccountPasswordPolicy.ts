import type { GetAccountPasswordPolicyResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { noSuchEntity } from "../errors.ts";
import { passwordPolicyOf } from "../loginProfile.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html */
export const getAccountPasswordPolicy: IamOperation<object, GetAccountPasswordPolicyResponse> = {
  name: "GetAccountPasswordPolicy",
  async run(call) {
    authorize(call, "GetAccountPasswordPolicy", { arn: "*" });
    const policy = await passwordPolicyOf(call);
    if (policy === null) {
      throw noSuchEntity(`The Password Policy with domain name ${call.principal.account} cannot be found.`);
    }
    const { MaxPasswordAge, PasswordReusePrevention, HardExpiry, ...always } = policy;
    return {
      PasswordPolicy: {
        ...always,
        ExpirePasswords: (MaxPasswordAge ?? 0) > 0,
        ...(MaxPasswordAge !== null && { MaxPasswordAge }),
        ...(PasswordReusePrevention !== null && { PasswordReusePrevention }),
        ...(HardExpiry !== null && { HardExpiry }),
      },
    };
  },
};
