import type { GrantConstraints as RequestedConstraints } from "@aws-sdk/client-kms";
import { type ConditionValues, encryptionConditions, NO_VALUES, parameterCondition } from "./conditionValues.ts";
import { ValidationException } from "./errors.ts";

/** When a grant allows. At most one is about the encryption context. */
export interface GrantConstraints {
  readonly EncryptionContextEquals?: Pairs;
  readonly EncryptionContextSubset?: Pairs;
  /** the resource that an AWS service must be working for; nobody who calls this service does that */
  readonly SourceArn?: string;
}

export type Pairs = Readonly<Record<string, string>>;

/** Per constraint: reference/kms-operations.md §11. Characters of a value. */
const LIMITS = { pairs: 8, value: 384 };

/**
 * Constraints as they are stored; null for none.
 * @param contexts whether the key's operations have an encryption context
 * @throws ValidationException
 */
export function requireConstraints(
  requested: RequestedConstraints | undefined,
  contexts: boolean,
): GrantConstraints | null {
  const { EncryptionContextEquals, EncryptionContextSubset, SourceArn } = requested ?? {};
  if (EncryptionContextEquals !== undefined && EncryptionContextSubset !== undefined) {
    throw new ValidationException(
      "A grant can have an EncryptionContextEquals or an EncryptionContextSubset constraint, but not both.",
    );
  }
  const pairs = EncryptionContextEquals ?? EncryptionContextSubset;
  if (pairs !== undefined) requirePairs(pairs, contexts);
  const constraints = {
    ...(EncryptionContextEquals && { EncryptionContextEquals }),
    ...(EncryptionContextSubset && { EncryptionContextSubset }),
    ...(SourceArn !== undefined && { SourceArn }),
  };
  return Object.keys(constraints).length === 0 ? null : constraints;
}

function requirePairs(pairs: Pairs, contexts: boolean): void {
  if (!contexts) {
    throw new ValidationException(
      "Encryption context grant constraints can be used only on symmetric encryption KMS keys.",
    );
  }
  const values = Object.values(pairs);
  if (values.length > LIMITS.pairs) {
    throw new ValidationException(
      `An encryption context grant constraint can have at most ${LIMITS.pairs} encryption context pairs.`,
    );
  }
  if (values.some((value) => value.length > LIMITS.value)) {
    throw new ValidationException(
      `An encryption context value in a grant constraint can have at most ${LIMITS.value} characters.`,
    );
  }
}

/** What constraints say to conditions: of the request that makes a grant, and of the one that retires it. */
export function constraintConditions(constraints: RequestedConstraints | null | undefined): ConditionValues {
  if (constraints === null || constraints === undefined) return NO_VALUES;
  const { EncryptionContextEquals, EncryptionContextSubset, SourceArn } = constraints;
  const context = encryptionConditions(undefined, EncryptionContextEquals ?? EncryptionContextSubset);
  const type = EncryptionContextEquals ? "EncryptionContextEquals" : "EncryptionContextSubset";
  const sourceArn = parameterCondition("kms:grantconstraintsourcearn", SourceArn);
  return (name) => {
    if (name.startsWith("kms:encryptioncontext")) return context(name);
    if (name !== "kms:grantconstrainttype") return sourceArn(name);
    return EncryptionContextEquals || EncryptionContextSubset ? type : undefined;
  };
}

/** Whether all pairs of `some` are among those of `all`; names and values exactly. */
export function includesPairs(all: Pairs | undefined, some: Pairs): boolean {
  for (const name of Object.keys(some)) {
    if (all === undefined || !Object.hasOwn(all, name) || all[name] !== some[name]) return false;
  }
  return true;
}

export function equalPairs(a: Pairs, b: Pairs): boolean {
  return Object.keys(a).length === Object.keys(b).length && includesPairs(a, b);
}

/** Whether every request that `child` lets through `parent` lets through too. */
export function isAsStrict(child: GrantConstraints | null, parent: GrantConstraints | null): boolean {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset, SourceArn } = parent ?? {};
  if (SourceArn !== undefined && child?.SourceArn !== SourceArn) return false;
  if (equals !== undefined) {
    return child?.EncryptionContextEquals !== undefined && equalPairs(child.EncryptionContextEquals, equals);
  }
  const pairs = child?.EncryptionContextEquals ?? child?.EncryptionContextSubset;
  return subset === undefined || (pairs !== undefined && includesPairs(pairs, subset));
}

export function equalConstraints(a: GrantConstraints | null, b: GrantConstraints | null): boolean {
  return isAsStrict(a, b) && isAsStrict(b, a);
}
