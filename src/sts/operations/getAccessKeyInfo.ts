import type { GetAccessKeyInfoRequest, GetAccessKeyInfoResponse } from "@aws-sdk/client-sts";
import { validationError } from "../../iam/errors.ts";
import type { Iam, IamOperation } from "../../iam/operation.ts";
import { authorize, requireUserOrRole } from "../authorize.ts";
import { accountOfSessionKey } from "../session.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html */
export const getAccessKeyInfo: IamOperation<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse> = {
  name: "GetAccessKeyInfo",
  async run(call, input) {
    requireUserOrRole(call, "GetAccessKeyInfo");
    authorize(call, "GetAccessKeyInfo", "*");
    const account = await accountOf(call.iam, input.AccessKeyId as string);
    if (account === undefined) throw validationError("Invalid Access Key ID format or Access Key ID does not exist");
    return { Account: account };
  },
};

/** Of a key that is active or not; of a temporary one whether it has ended or not. */
async function accountOf({ store, identities }: Iam, accessKeyId: string): Promise<string | undefined> {
  const account = accountOfSessionKey(accessKeyId);
  if (account === undefined) return (await store.accessKey(accessKeyId))?.account;
  return (await identities.accountExists(account)) ? account : undefined;
}
