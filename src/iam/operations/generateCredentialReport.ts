import type { GenerateCredentialReportResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { credentialReport, REPORT_LIFETIME, storedReport, storeReport } from "../credentialReport.ts";
import { currentAccount } from "../currentAccount.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html */
export const generateCredentialReport: IamOperation<object, GenerateCredentialReportResponse> = {
  name: "GenerateCredentialReport",
  async run(call) {
    authorize(call, "GenerateCredentialReport", { arn: "*" });
    const report = await storedReport(call);
    if (report !== undefined && call.iam.clock() - report.generatedAt < REPORT_LIFETIME) return { State: "COMPLETE" };
    // It takes no longer than a request may, so that there is no job; the answer is AWS's all the same.
    await storeReport(call, await credentialReport(call, await currentAccount(call.iam.store, call)));
    return { State: "STARTED", Description: "No report exists. Starting a new report generation task" };
  },
};
