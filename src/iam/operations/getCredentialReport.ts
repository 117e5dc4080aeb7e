import type { GetCredentialReportResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { REPORT_LIFETIME, storedReport } from "../credentialReport.ts";
import { QueryException } from "../errors.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html */
export const getCredentialReport: IamOperation<object, GetCredentialReportResponse> = {
  name: "GetCredentialReport",
  async run(call) {
    authorize(call, "GetCredentialReport", { arn: "*" });
    const report = await storedReport(call);
    if (report === undefined) throw new QueryException("ReportNotPresent", 410);
    if (call.iam.clock() - report.generatedAt >= REPORT_LIFETIME) throw new QueryException("ReportExpired", 410);
    return {
      Content: Buffer.from(report.csv),
      ReportFormat: "text/csv",
      GeneratedTime: new Date(report.generatedAt),
    };
  },
};
