import { readFileSync } from "node:fs";
import { ThrottlingException as CloudTrailThrottlingException } from "../cloudtrail/errors.ts";
import type { CloudTrail } from "../cloudtrail/operation.ts";
import { ThrottlingException } from "../kms/errors.ts";
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
  const throttled = () => new ThrottlingException();
  return {
    name: "kms",
    throttled,
    signing: { names: ["kms"] },
    targetPrefixes: [prefix],
    find: (target) => served.get(target),
  };
}

/** CloudTrail. Its operations and model are loaded when they are first asked, as those of IAM are. */
export function cloudTrailService(cloudTrail: CloudTrail): JsonService {
  let loading: Promise<ReadonlyMap<string, ServedOperation>> | undefined;
  const load = async () => {
    const { CHECKED_BY_OPERATIONS, cloudTrailOperations } = await import("../cloudtrail/operations/index.ts");
    const model = loadModel(withoutConstraints(CLOUDTRAIL_MODEL, CHECKED_BY_OPERATIONS));
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
    name: "cloudtrail",
    throttled: () => new CloudTrailThrottlingException(),
    signing: { names: ["cloudtrail"] },
    targetPrefixes: CLOUDTRAIL_TARGETS,
    async find(target) {
      loading ??= load();
      return (await loading).get(target.slice(target.lastIndexOf(".") + 1));
    },
  };
}

/** The model, with these shapes as whatever their type allows. */
function withoutConstraints(model: URL, names: readonly string[]): object {
  const json = JSON.parse(readFileSync(model, "utf8"));
  for (const [id, shape] of Object.entries<{ type: string }>(json.shapes)) {
    if (!names.includes(id.slice(id.indexOf("#") + 1))) continue;
    json.shapes[id] = { type: shape.type === "enum" ? "string" : shape.type };
  }
  return json;
}
