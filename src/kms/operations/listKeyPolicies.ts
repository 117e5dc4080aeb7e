import type { ListKeyPoliciesRequest, ListKeyPoliciesResponse } from "@aws-sdk/client-kms";
import { keyOperation } from "../operation.ts";
import { cutPage, listOf, pageOf } from "../page.ts";
import { POLICY_NAME } from "../policyDocument.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html: there is one, and it has one name. */
export const listKeyPolicies = keyOperation<ListKeyPoliciesRequest, ListKeyPoliciesResponse>({
  name: "ListKeyPolicies",
  run(call, key, input) {
    const list = listOf(call, "ListKeyPolicies", key.arn);
    const { after, limit } = pageOf(list, input, { default: 100, maximum: 1000 });
    const names = [POLICY_NAME].filter((name) => after === undefined || name > after);
    const { items, ...end } = cutPage(list, names, limit, (name) => name);
    return { PolicyNames: items, ...end };
  },
});
