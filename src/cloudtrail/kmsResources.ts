import type { KmsRow } from "./kmsOperations.ts";
import { errorCode, type FinishedRequest, type Resource, resource, type TouchedKey } from "./request.ts";

const NONE: readonly Resource[] = [];
const lists = new WeakMap<TouchedKey, readonly Resource[]>();

/** The keys that the request was about, in the Region that was asked, and the alias. */
export function kmsResources(finished: FinishedRequest, row: KmsRow): readonly Resource[] {
  const { touched, principal, region, error } = finished;
  // To whom a foreign key is denied it is not told whether there is such a key: reference/kms-semantics.md §2.4.
  const denied = error !== undefined && errorCode(error) === "AccessDenied";
  const shown = (key: TouchedKey) =>
    key.record.region === region && !(denied && key.record.account !== principal?.account);
  const { keys } = touched;
  const [only] = keys;
  if (row.alias === undefined && only !== undefined) {
    if (keys.length === 1) return shown(only) ? listOf(only) : NONE;
    return [...new Set(keys.filter(shown).flatMap(listOf))];
  }
  const made = (finished.output as { KeyMetadata?: { Arn?: string } } | undefined)?.KeyMetadata?.Arn;
  if (only === undefined && made !== undefined && principal !== undefined) {
    return [resource(principal.account, "AWS::KMS::Key", made)];
  }
  if (row.alias === undefined) return NONE;
  const alias = aliasOf(finished);
  const changed = keys.filter(shown).flatMap(listOf);
  return row.alias === "before the key" ? [...alias, ...changed] : [...changed, ...alias];
}

/** Of one key; made once for each. */
function listOf(key: TouchedKey): readonly Resource[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [resource(key.record.account, "AWS::KMS::Key", key.arn)];
    lists.set(key, list);
  }
  return list;
}

function aliasOf({ principal, region, input }: FinishedRequest): Resource[] {
  const name = (input as { AliasName?: string } | undefined)?.AliasName;
  if (principal === undefined || name === undefined) return [];
  const { account } = principal;
  return [resource(account, "AWS::KMS::Alias", `arn:aws:kms:${region}:${account}:${name}`)];
}
