import type { ListPublicKeysRequest, ListPublicKeysResponse } from "@aws-sdk/client-cloudtrail";
import { authorize } from "../authorize.ts";
import { InvalidTimeRangeException, InvalidTokenException } from "../errors.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { digestPublicKey } from "../publicKey.ts";

/**
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
 * The Region's keys that were valid at any time of the range, all at once: no token is ever given.
 */
export const listPublicKeys: CloudTrailOperation<ListPublicKeysRequest, ListPublicKeysResponse> = {
  name: "ListPublicKeys",
  async run(call, input) {
    const { store, clock } = call.cloudTrail;
    authorize(call, "ListPublicKeys");
    if (input.NextToken !== undefined) throw new InvalidTokenException("The NextToken is not valid.");
    const from = input.StartTime?.getTime() ?? clock();
    const to = input.EndTime?.getTime() ?? Math.max(clock(), input.StartTime?.getTime() ?? 0);
    if (from > to) throw new InvalidTimeRangeException("The start time is after the end time.");
    const keys = await store.digestKeys(call.region, from, to);
    return {
      PublicKeyList: keys.map(({ publicKey, validFrom, validTo, fingerprint }) => ({
        Value: digestPublicKey(publicKey).pkcs1,
        ValidityStartTime: new Date(validFrom),
        ValidityEndTime: new Date(validTo),
        Fingerprint: fingerprint,
      })),
    };
  },
};
