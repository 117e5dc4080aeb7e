import type {
  GetAccountAuthorizationDetailsRequest,
  GetAccountAuthorizationDetailsResponse,
  GroupDetail,
  ManagedPolicyDetail,
  RoleDetail,
  UserDetail,
} from "@aws-sdk/client-iam";
import { detailed, groupDetail, policyDetail, roleDetail, userDetail } from "../authorizationDetails.ts";
import { authorize } from "../authorize.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfScan } from "../page.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html */
export const getAccountAuthorizationDetails: IamOperation<
  GetAccountAuthorizationDetailsRequest,
  GetAccountAuthorizationDetailsResponse
> = {
  name: "GetAccountAuthorizationDetails",
  async run(call, input) {
    const { identities, store } = call.iam;
    authorize(call, "GetAccountAuthorizationDetails", { arn: "*" });
    const { position, read } = detailed(store, call.principal.account, input.Filter ?? []);
    const { items, ...end } = await pageOfScan("GetAccountAuthorizationDetails", input, position, () => true, read);
    const users: UserDetail[] = [];
    const groups: GroupDetail[] = [];
    const roles: RoleDetail[] = [];
    const policies: ManagedPolicyDetail[] = [];
    for (const item of items) {
      if ("policy" in item) policies.push(policyDetail(item));
      else if (item.kind === "user") users.push(await userDetail(store, item));
      else if (item.kind === "group") groups.push(groupDetail(item));
      else roles.push(await roleDetail(identities, item));
    }
    return { UserDetailList: users, GroupDetailList: groups, RoleDetailList: roles, Policies: policies, ...end };
  },
};
