import type { GetAccountSummaryResponse } from "@aws-sdk/client-iam";
import { accountSummary } from "../accountSummary.ts";
import { authorize } from "../authorize.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html */
export const getAccountSummary: IamOperation<object, GetAccountSummaryResponse> = {
  name: "GetAccountSummary",
  async run(call) {
    authorize(call, "GetAccountSummary", { arn: "*" });
    return { SummaryMap: await accountSummary(call.iam.store, call.principal.account) };
  },
};
