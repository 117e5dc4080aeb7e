import type { GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse } from "@aws-sdk/client-iam";
import { authorize, resourceOf } from "../authorize.ts";
import { accessDenied } from "../errors.ts";
import type { IamOperation } from "../operation.ts";
import { lastUse } from "../userAccessKey.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html */
export const getAccessKeyLastUsed: IamOperation<GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse> = {
  name: "GetAccessKeyLastUsed",
  async run(call, { AccessKeyId }) {
    const { account, arn } = call.principal;
    const key = await call.iam.store.accessKey(AccessKeyId as string);
    const owner = key?.account === account && key.userId !== null ? await call.iam.store.entity(key.userId) : undefined;
    const user = owner?.kind === "user" ? owner : undefined;
    authorize(call, "GetAccessKeyLastUsed", user === undefined ? { arn: "*" } : resourceOf(user));
    // Whose key it is decides who may know of it, so that one that is not there is nobody's: reference/iam-sts.md §1.4.
    if (key?.account !== account) {
      throw accessDenied(
        `User: ${arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
      );
    }
    const use = lastUse(call, key);
    return {
      ...(user !== undefined && { UserName: user.name }),
      AccessKeyLastUsed:
        use === null
          ? { LastUsedDate: undefined, ServiceName: "N/A", Region: "N/A" }
          : { LastUsedDate: new Date(use.at), ServiceName: use.service, Region: use.region },
    };
  },
};
