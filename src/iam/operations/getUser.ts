import type { GetUserRequest, GetUserResponse } from "@aws-sdk/client-iam";
import type { AccountRecord } from "../accessKey.ts";
import { authorizedUserOrRoot } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { rootUser, wholeUser } from "../user.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html */
export const getUser: IamOperation<GetUserRequest, GetUserResponse> = {
  name: "GetUser",
  async run(call, input) {
    const user = await authorizedUserOrRoot(call, "GetUser", input.UserName);
    if (user !== null) return { User: wholeUser(user) };
    const { account } = call.principal;
    return { User: rootUser((await call.iam.store.account(account)) as AccountRecord) };
  },
};
