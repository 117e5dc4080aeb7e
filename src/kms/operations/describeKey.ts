import type { DescribeKeyRequest, DescribeKeyResponse } from "@aws-sdk/client-kms";
import { aliasConditions } from "../conditionValues.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { keyMetadata } from "../key.ts";
import { keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export const describeKey = keyOperation<DescribeKeyRequest, DescribeKeyResponse>({
  name: "DescribeKey",
  aliases: true,
  conditions: (input) => aliasConditions(input.KeyId),
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    return { KeyMetadata: keyMetadata(key.record, key.facts) };
  },
});
