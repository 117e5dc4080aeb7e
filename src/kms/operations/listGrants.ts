import type { ListGrantsRequest, ListGrantsResponse } from "@aws-sdk/client-kms";
import type { Page } from "../../store/store.ts";
import { parameterCondition } from "../conditionValues.ts";
import { ValidationException } from "../errors.ts";
import { type GrantRecord, grantListPage, requireGrantId } from "../grant.ts";
import { findGrantPrincipal } from "../grantPrincipal.ts";
import type { Key } from "../keys.ts";
import { type Call, keyOperation } from "../operation.ts";
import { listOf, pageOf } from "../page.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html */
export const listGrants = keyOperation<ListGrantsRequest, ListGrantsResponse>({
  name: "ListGrants",
  conditions: () => parameterCondition("kms:grantisforawsresource", false), // no AWS service calls here
  async run(call, key, input) {
    if (input.GranteeServicePrincipal !== undefined) {
      throw new ValidationException("GranteeServicePrincipal can be used only by callers in a service principal.");
    }
    const list = listOf(call, "ListGrants", key.arn, input.GrantId, input.GranteePrincipal);
    const { after, limit } = pageOf(list, input, { default: 50, maximum: 100 });
    const grants = await matching(call, key, input, { after, limit: limit + 1 });
    return grantListPage(call.kms.identities, list, grants, limit);
  },
});

async function matching(call: Call, key: Key, input: ListGrantsRequest, page: Page): Promise<GrantRecord[]> {
  const { store, identities } = call.kms;
  let grantee: string | undefined;
  if (input.GranteePrincipal !== undefined) {
    grantee = await findGrantPrincipal(identities, input.GranteePrincipal);
    if (grantee === undefined) return [];
  }
  if (input.GrantId === undefined) return store.grants(key.record, grantee, page);
  const grant = await store.grant(key.record, requireGrantId(input.GrantId));
  return grant === undefined || (grantee !== undefined && grant.grantee !== grantee) ? [] : [grant];
}
