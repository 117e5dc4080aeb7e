import type { FinishedRequest } from "./request.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * What KMS asks of another Region in the caller's name, which is on record there:
 * https://docs.aws.amazon.com/kms/latest/developerguide/ct-update-primary-region.html, `ct-createkey.html`.
 * Nothing unless the request succeeded.
 */
export function forwarded(finished: FinishedRequest): FinishedRequest[] {
  const { service, operation, error } = finished;
  if (service !== "kms" || error !== undefined || !Object.hasOwn(forwarding, operation)) return NOTHING;
  return (
    forwarding[operation]?.(finished).map((request) => ({ ...request, invokedBy: "kms.amazonaws.com" })) ?? NOTHING
  );
}

const NOTHING: FinishedRequest[] = [];

const forwarding: Readonly<Record<string, (finished: FinishedRequest) => FinishedRequest[]>> = {
  /** The key that becomes the primary, in its own Region. */
  UpdatePrimaryRegion(finished) {
    return finished.touched.keys
      .filter(({ record }) => record.region !== finished.region)
      .map((key) => ({
        ...finished,
        region: key.record.region,
        input: { ...(finished.input as Members), KeyId: key.arn },
        touched: { keys: [key] },
      }));
  },
  /** The replica is made by a CreateKey in its Region. */
  ReplicateKey(finished) {
    const { ReplicaRegion, Policy, Description, BypassPolicyLockoutSafetyCheck, Tags } = finished.input as Members;
    const made = (finished.output as { ReplicaKeyMetadata?: Members } | undefined)?.ReplicaKeyMetadata;
    if (made === undefined) return [];
    const { KeyUsage, KeySpec, Origin } = made;
    return [
      {
        ...finished,
        operation: "CreateKey",
        region: ReplicaRegion as string,
        input: {
          ...{ Policy, Description, BypassPolicyLockoutSafetyCheck, Tags },
          ...{ KeyUsage, KeySpec, Origin, MultiRegion: true },
        },
        output: { KeyMetadata: made },
        touched: { keys: [] },
      },
    ];
  },
};
