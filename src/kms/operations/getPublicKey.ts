import type { CustomerMasterKeySpec, GetPublicKeyRequest, GetPublicKeyResponse } from "@aws-sdk/client-kms";
import { aliasConditions } from "../conditionValues.ts";
import { KMSInvalidStateException, UnsupportedOperationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { algorithmsOf, keySpecRow } from "../keySpec.ts";
import { requireState } from "../keyState.ts";
import { keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html */
export const getPublicKey = keyOperation<GetPublicKeyRequest, GetPublicKeyResponse>({
  name: "GetPublicKey",
  aliases: true,
  conditions: (input) => aliasConditions(input.KeyId),
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    const { spec, usage } = key.record;
    if (keySpecRow(spec).family !== "asymmetric") {
      throw new UnsupportedOperationException(`${key.arn} key spec is ${spec} which is not valid for GetPublicKey.`);
    }
    requireState(key.record, "GetPublicKey");
    const { publicKey } = key;
    if (publicKey === undefined) throw new KMSInvalidStateException(`${key.arn} is pending import.`); // nothing ever was
    return {
      KeyId: key.arn,
      PublicKey: publicKey,
      CustomerMasterKeySpec: spec as CustomerMasterKeySpec,
      KeySpec: spec,
      KeyUsage: usage,
      ...algorithmsOf(spec, usage),
    };
  },
});
