import type { DescribeKeyRequest, DescribeKeyResponse } from "@aws-sdk/client-kms";
import { aliasConditions } from "../conditionValues.ts";
import { keyMetadata } from "../key.ts";
import { keyOperation } from "../operation.ts";
import { refuseGrantTokens } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export const describeKey = keyOperation<DescribeKeyRequest, DescribeKeyResponse>({
  name: "DescribeKey",
  aliases: true,
  conditions: (input) => aliasConditions(input.KeyId),
  run(_call, key, input) {
    refuseGrantTokens(input.GrantTokens);
    return { KeyMetadata: keyMetadata(key.record) };
  },
});
