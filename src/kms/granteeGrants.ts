import type { GrantRecord } from "./grant.ts";
import { equalPairs, type GrantConstraints, includesPairs, isAsStrict, type Pairs } from "./grantConstraints.ts";

/** What of a request decides whether a grant allows it. */
export interface GrantRequest {
  /** as grants have it, such as `Decrypt` */
  readonly operation: string;
  readonly encryptionContext: Record<string, string> | undefined;
  /** false for operations that constraints on the encryption context do not bind */
  readonly constraintsApply: boolean;
}

/** What of a grant that is to be made decides whether it may be another one's child. */
export type RequestedGrant = Pick<GrantRecord, "operations" | "constraints">;

/** Nobody gets these from just any grant on the key: see `Grants.allows`. */
const BY_THE_GRANT_ALONE: ReadonlySet<string> = new Set(["CreateGrant", "RetireGrant"]);

/** All grants of one grantee on one key. */
export class GranteeGrants {
  readonly records: readonly GrantRecord[];
  readonly #operations = new Map<string, Allowances>();
  #ids: ReadonlySet<string> | undefined;

  constructor(records: readonly GrantRecord[]) {
    this.records = records;
  }

  has(id: string): boolean {
    this.#ids ??= new Set(this.records.map((record) => record.id));
    return this.#ids.has(id);
  }

  /** A grant that allows this request. */
  allowing(request: GrantRequest): GrantRecord | undefined {
    if (this.records.length === 0) return undefined;
    let allowances = this.#operations.get(request.operation);
    if (allowances === undefined) {
      allowances = new Allowances(this.#allowing(request.operation));
      this.#operations.set(request.operation, allowances);
    }
    return request.constraintsApply ? allowances.in(request.encryptionContext) : allowances.any;
  }

  /**
   * A grant that may have this one as its child: one with CreateGrant, that allows no less and under no stricter
   * constraints (AWS: CreateGrant, "Constraints"; Developer Guide, "Granting CreateGrant permission").
   */
  parentOf({ operations, constraints }: RequestedGrant): GrantRecord | undefined {
    return this.records.find(
      (parent) =>
        parent.operations.includes("CreateGrant") &&
        parent.constraints?.SourceArn === undefined &&
        operations.every((operation) => parent.operations.includes(operation)) &&
        isAsStrict(constraints, parent.constraints),
    );
  }

  /** Nobody who calls here does so for a resource of an AWS service, so grants that demand that allow nothing. */
  #allowing(operation: string): GrantRecord[] {
    if (BY_THE_GRANT_ALONE.has(operation)) return [];
    return this.records.filter(
      ({ operations, constraints }) =>
        (operations as readonly string[]).includes(operation) && constraints?.SourceArn === undefined,
    );
  }
}

/**
 * The grants that allow one operation, found by the encryption context. One without constraints settles it; the others
 * each stand under one of their pairs, so that of thousands only those are looked at that have a pair of the request.
 */
class Allowances {
  /** one, whatever its constraints */
  readonly any: GrantRecord | undefined;
  readonly #always: GrantRecord | undefined;
  readonly #withoutContext: GrantRecord | undefined;
  /** by name and value of a pair */
  readonly #byPair = new Map<string, Map<string, GrantRecord[]>>();

  constructor(records: readonly GrantRecord[]) {
    this.any = records[0];
    this.#always = records.find(({ constraints }) => isUnconstrained(constraints));
    if (this.#always !== undefined) return;
    this.#withoutContext = records.find(({ constraints }) => pairsOf(constraints).length === 0);
    const frequencies = new Map<string, Map<string, number>>();
    const frequency = ([name, value]: [string, string]) => frequencies.get(name)?.get(value) ?? 0;
    const constrained = records.map((record) => ({ record, pairs: pairsOf(record.constraints) }));
    for (const { pairs } of constrained) {
      for (const pair of pairs) {
        const [name, value] = pair;
        const values = frequencies.get(name) ?? new Map<string, number>();
        frequencies.set(name, values.set(value, frequency(pair) + 1));
      }
    }
    for (const { record, pairs } of constrained) {
      const [rarest] = pairs.sort((a, b) => frequency(a) - frequency(b));
      if (rarest !== undefined) this.#put(rarest, record);
    }
  }

  in(context: Record<string, string> | undefined): GrantRecord | undefined {
    if (this.#always !== undefined) return this.#always;
    const names = context === undefined ? [] : Object.keys(context);
    if (context === undefined || names.length === 0) return this.#withoutContext;
    for (const name of names) {
      const candidates = this.#byPair.get(name)?.get(context[name] as string);
      const found = candidates?.find(({ constraints }) => isMet(constraints as GrantConstraints, context));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #put([name, value]: [string, string], record: GrantRecord): void {
    const values = this.#byPair.get(name) ?? new Map<string, GrantRecord[]>();
    const records = values.get(value) ?? [];
    records.push(record);
    this.#byPair.set(name, values.set(value, records));
  }
}

function isUnconstrained(constraints: GrantConstraints | null): boolean {
  return constraints?.EncryptionContextEquals === undefined && pairsOf(constraints).length === 0;
}

function pairsOf(constraints: GrantConstraints | null): [string, string][] {
  return Object.entries(constraints?.EncryptionContextEquals ?? constraints?.EncryptionContextSubset ?? {});
}

function isMet({ EncryptionContextEquals, EncryptionContextSubset }: GrantConstraints, context: Pairs): boolean {
  return EncryptionContextEquals === undefined
    ? includesPairs(context, EncryptionContextSubset ?? {})
    : equalPairs(EncryptionContextEquals, context);
}
