import type {
  AlgorithmSpec,
  GetParametersForImportRequest,
  GetParametersForImportResponse,
  WrappingKeySpec,
} from "@aws-sdk/client-kms";
import { conditionValues, parameterCondition } from "../conditionValues.ts";
import { newImportParameters } from "../importParameters.ts";
import { requireState } from "../keyState.ts";
import { keyOperation } from "../operation.ts";
import { requireOrigin } from "../origin.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html */
export const getParametersForImport = keyOperation<GetParametersForImportRequest, GetParametersForImportResponse>({
  name: "GetParametersForImport",
  conditions: (input) =>
    conditionValues(
      parameterCondition("kms:wrappingalgorithm", input.WrappingAlgorithm),
      parameterCondition("kms:wrappingkeyspec", input.WrappingKeySpec),
    ),
  async run(call, key, input) {
    requireOrigin(key.record, "EXTERNAL");
    requireState(key.record, "GetParametersForImport");
    const algorithm = input.WrappingAlgorithm as AlgorithmSpec;
    const spec = input.WrappingKeySpec as WrappingKeySpec;
    const { publicKey, token, validTo } = await newImportParameters(call, key, algorithm, spec);
    return { KeyId: key.arn, ImportToken: token, PublicKey: publicKey, ParametersValidTo: new Date(validTo) };
  },
});
