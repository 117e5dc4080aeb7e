import type { IamOperation } from "../iam/operation.ts";
import { loadModel } from "../server/protocol/model.ts";
import { queryCodec } from "../server/protocol/query.ts";
import type { QueryServiceOptions, ServedQueryOperation, ServedQueryService } from "../server/queryService.ts";
import type { UnsignedOperation } from "../sts/unsignedOperation.ts";

const IAM_MODEL = new URL("../../models/iam.json", import.meta.url);
const STS_MODEL = new URL("../../models/sts.json", import.meta.url);

interface Operations {
  readonly signed: readonly IamOperation[];
  readonly unsigned: readonly UnsignedOperation[];
}

/**
 * IAM and STS. Their operations and models are loaded when they are first asked: that takes as long as all the rest of
 * the start, and most servers serve KMS alone for a while.
 */
export function queryServices(): QueryServiceOptions["services"] {
  return {
    iam: queryService("2010-05-08", "AmazonIdentityManagementService", IAM_MODEL, async () => {
      const { iamOperations } = await import("../iam/operations/index.ts");
      return { signed: iamOperations, unsigned: [] };
    }),
    sts: queryService("2011-06-15", "AWSSecurityTokenService", STS_MODEL, async () => {
      const { stsOperations, unsignedOperations } = await import("../sts/operations/index.ts");
      return { signed: stsOperations, unsigned: unsignedOperations };
    }),
  };
}

function queryService(
  version: string,
  fullName: string,
  modelUrl: URL,
  load: () => Promise<Operations>,
): ServedQueryService {
  let loading: Promise<Record<keyof Operations, ReadonlyMap<string, ServedQueryOperation>>> | undefined;
  const served = () => {
    loading ??= load().then(({ signed, unsigned }) => {
      const model = loadModel(modelUrl);
      const coded = (operations: readonly (IamOperation | UnsignedOperation)[]) =>
        new Map(
          operations.map((operation) => [
            operation.name,
            { operation: operation as ServedQueryOperation["operation"], codec: queryCodec(model, operation.name) },
          ]),
        );
      return { signed: coded(signed), unsigned: coded(unsigned) };
    });
    return loading;
  };
  return {
    version,
    fullName,
    signed: async (name) => (await served()).signed.get(name),
    unsigned: async (name) => (await served()).unsigned.get(name),
  };
}
