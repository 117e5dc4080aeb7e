import type { ListGrantsResponse, ListRetirableGrantsRequest } from "@aws-sdk/client-kms";
import { authorizeInAccount, deniedAbsent } from "../authorize.ts";
import { InvalidArnException, ValidationException } from "../errors.ts";
import { grantListPage } from "../grant.ts";
import { accountOfPrincipal, findGrantPrincipal } from "../grantPrincipal.ts";
import type { Operation } from "../operation.ts";
import { listOf, pageOf } from "../page.ts";

/**
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html; what it is authorized
 * on is the retiring principal, which must be of the caller's account. The keys may be anyone's.
 */
export const listRetirableGrants: Operation<ListRetirableGrantsRequest, ListGrantsResponse> = {
  name: "ListRetirableGrants",
  async run(call, input) {
    const { RetiringPrincipal, RetiringServicePrincipal } = input;
    if ((RetiringPrincipal === undefined) === (RetiringServicePrincipal === undefined)) {
      throw new ValidationException(
        "You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
      );
    }
    if (RetiringPrincipal === undefined) {
      throw new ValidationException("RetiringServicePrincipal can be used only by callers in a service principal.");
    }
    const { store, identities } = call.kms;
    const account = accountOfPrincipal(RetiringPrincipal);
    if (account === undefined) {
      throw new InvalidArnException(`ARN does not refer to a valid principal: ${RetiringPrincipal}`);
    }
    if (account !== call.principal.account) {
      throw deniedAbsent(call, "ListRetirableGrants", RetiringPrincipal, account);
    }
    authorizeInAccount(call, "ListRetirableGrants", undefined, RetiringPrincipal);
    const list = listOf(call, "ListRetirableGrants", RetiringPrincipal);
    const { after, limit } = pageOf(list, input, { default: 50, maximum: 100 });
    const retiring = await findGrantPrincipal(identities, RetiringPrincipal);
    const grants =
      retiring === undefined ? [] : await store.grantsRetirable(retiring, call.region, { after, limit: limit + 1 });
    return grantListPage(identities, list, grants, limit);
  },
};
