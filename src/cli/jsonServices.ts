import type { CloudTrail } from "../cloudtrail/operation.ts";
import type { Kms } from "../kms/operation.ts";
import { operations } from "../kms/operations/index.ts";
import type { JsonService, ServedOperation } from "../server/dispatch.ts";
import { jsonCodec, loadModel } from "../server/protocol/model.ts";

const KMS_MODEL = new URL("../../models/kms.json", import.meta.url);
const CLOUDTRAIL_MODEL = new URL("../../models/cloudtrail.json", import.meta.url);
/** botocore spells the first, the SDK for JavaScript the second. */
const CLOUDTRAIL_TARGETS = ["com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.", "CloudTrail_20131101."];

/** KMS. Its operations are there from the start. */
export function kmsService(kms: Kms): JsonService {
  const model = loadModel(KMS_MODEL);
  const prefix = `${model.targetPrefix}.`;
  const served = new Map<string, ServedOperation>(
    operations.map((operation) => [
      prefix + operation.name,
      {
        name: operation.name,
        codec: jsonCodec(model, operation.name),
        run: (call, input) => operation.run({ kms, ...call }, input as never),
      },
    ]),
  );
  return { signing: { names: ["kms"] }, targetPrefixes: [prefix], find: (target) => served.get(target) };
}

/** CloudTrail. Its operations and model are loaded when they are first asked, as those of IAM are. */
export function cloudTrailService(cloudTrail: CloudTrail): JsonService {
  let loading: Promise<ReadonlyMap<string, ServedOperation>> | undefined;
  const load = async () => {
    const { cloudTrailOperations } = await import("../cloudtrail/operations/index.ts");
    const model = loadModel(CLOUDTRAIL_MODEL);
    return new Map<string, ServedOperation>(
      cloudTrailOperations.map((operation) => [
        operation.name,
        {
          name: operation.name,
          codec: jsonCodec(model, operation.name),
          run: (call, input) => operation.run({ cloudTrail, ...call }, input as never),
        },
      ]),
    );
  };
  return {
    signing: { names: ["cloudtrail"] },
    targetPrefixes: CLOUDTRAIL_TARGETS,
    async find(target) {
      loading ??= load();
      return (await loading).get(target.slice(target.lastIndexOf(".") + 1));
    },
  };
}
