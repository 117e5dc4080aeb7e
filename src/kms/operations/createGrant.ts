import type { CreateGrantRequest, CreateGrantResponse, GrantOperation } from "@aws-sdk/client-kms";
import type { Reader } from "../../store/store.ts";
import { requireKeyStill } from "../alias.ts";
import { authorize } from "../authorize.ts";
import type { ConditionValues } from "../conditionValues.ts";
import { DryRunOperationException, LimitExceededException, ValidationException } from "../errors.ts";
import { GRANT_LIMIT, type GrantPrincipal, type GrantRecord, isGrantable, takesEncryptionContext } from "../grant.ts";
import { constraintConditions, equalConstraints, requireConstraints } from "../grantConstraints.ts";
import { requireGrantPrincipal } from "../grantPrincipal.ts";
import { newGrantToken, requireGrantTokens } from "../grantToken.ts";
import { resolveKey } from "../keyReference.ts";
import type { Key } from "../keys.ts";
import type { Call, Operation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html */
export const createGrant: Operation<CreateGrantRequest, CreateGrantResponse> = {
  name: "CreateGrant",
  async run(call, input) {
    const { kms, principal } = call;
    const key = await resolveKey(call, input.KeyId as string, { name: "CreateGrant" });
    const child = { operations: input.Operations as GrantOperation[], constraints: input.Constraints ?? null };
    await authorize(call, "CreateGrant", key, conditions(input), {
      reference: input.KeyId,
      granted: () => kms.grants.allowsChild(key.record, principal.caller.names, child),
    });
    await requireGrantTokens(call, input.GrantTokens);
    const requested = await requestedGrant(call, key, input);
    const grant = await kms.store.transaction(async (transaction) => {
      await requireKeyStill(transaction, key.record, "CreateGrant");
      const former = await sameGrant(transaction, requested);
      if (former === undefined && (await transaction.countGrants(requested.key)) >= GRANT_LIMIT) {
        throw new LimitExceededException(`The key already has ${GRANT_LIMIT} grants, the most that one can have.`);
      }
      if (input.DryRun) throw new DryRunOperationException();
      if (former === undefined) await transaction.putGrant(requested);
      return former ?? requested;
    });
    return { GrantToken: newGrantToken(kms.hsm, grant), GrantId: grant.id };
  },
};

/** reference/kms-operations.md §2.3 */
function conditions(input: CreateGrantRequest): ConditionValues {
  const constraints = constraintConditions(input.Constraints);
  const parameters: Record<string, string | undefined> = {
    "kms:granteeprincipal": input.GranteePrincipal,
    "kms:granteeserviceprincipal": input.GranteeServicePrincipal,
    "kms:retiringprincipal": input.RetiringPrincipal,
    "kms:retiringserviceprincipal": input.RetiringServicePrincipal,
    "kms:grantisforawsresource": "false", // no AWS service calls here
  };
  return (name) => {
    if (name === "kms:grantoperations") return input.Operations;
    return constraints(name) ?? parameters[name];
  };
}

async function requestedGrant(call: Call, key: Key, input: CreateGrantRequest): Promise<GrantRecord> {
  const { account, region, id } = key.record;
  requireGranteeAndRetirer(input);
  return {
    key: { account, region, id },
    id: call.kms.hsm.randomBytes(32).toString("hex"),
    operations: requireOperations(key, input.Operations as GrantOperation[]),
    constraints: requireConstraints(input.Constraints, takesEncryptionContext(key.record)),
    grantee: (await principalOf(call, input.GranteePrincipal, input.GranteeServicePrincipal)) as GrantPrincipal,
    retiring: await principalOf(call, input.RetiringPrincipal, input.RetiringServicePrincipal),
    issuer: call.principal.account,
    name: input.Name ?? "",
    createdAt: call.kms.clock(),
  };
}

/** @throws ValidationException */
function requireGranteeAndRetirer(input: CreateGrantRequest): void {
  const { GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal } = input;
  if ((GranteePrincipal === undefined) === (GranteeServicePrincipal === undefined)) {
    throw new ValidationException("You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.");
  }
  if (RetiringPrincipal !== undefined && RetiringServicePrincipal !== undefined) {
    throw new ValidationException(
      "You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.",
    );
  }
  if (GranteeServicePrincipal === undefined) return;
  if (input.Constraints?.SourceArn === undefined) {
    throw new ValidationException("With GranteeServicePrincipal you must specify a SourceArn grant constraint.");
  }
  if (RetiringPrincipal === undefined && RetiringServicePrincipal === undefined) {
    throw new ValidationException(
      "With GranteeServicePrincipal you must specify either RetiringPrincipal or RetiringServicePrincipal.",
    );
  }
}

/** @throws ValidationException for operations that the key does not support */
function requireOperations(key: Key, operations: readonly GrantOperation[]): readonly GrantOperation[] {
  if (operations.length === 0) {
    throw new ValidationException(
      "1 validation error detected: Value '[]' at 'operations' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  }
  const unfit = operations.find((operation) => !isGrantable(key.record, operation));
  if (unfit === undefined) return [...new Set(operations)];
  const { spec, usage } = key.record;
  throw new ValidationException(
    `A grant on a KMS key with key spec ${spec} and key usage ${usage} cannot allow ${unfit}.`,
  );
}

async function principalOf(
  { kms }: Call,
  arn: string | undefined,
  service: string | undefined,
): Promise<GrantPrincipal | null> {
  return arn === undefined ? (service ?? null) : requireGrantPrincipal(kms.identities, arn);
}

/** What an earlier request of the same name and parameters made; the order of operations is none of them. */
async function sameGrant(reader: Reader, requested: GrantRecord): Promise<GrantRecord | undefined> {
  if (requested.name === "") return undefined;
  const operations = [...requested.operations].sort().join();
  return (await reader.grantsNamed(requested.key, requested.name)).find(
    (grant) =>
      grant.grantee === requested.grantee &&
      grant.retiring === requested.retiring &&
      grant.issuer === requested.issuer &&
      [...grant.operations].sort().join() === operations &&
      equalConstraints(grant.constraints, requested.constraints),
  );
}
