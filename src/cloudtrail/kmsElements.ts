import { ADDITIONAL_LIMIT, kmsDate, limited, memberName, plain, structure } from "./elements.ts";
import { type KmsResponse, type KmsRow, kmsRows } from "./kmsOperations.ts";
import { kmsResources } from "./kmsResources.ts";
import type { Elements, FinishedRequest, TouchedKey } from "./request.ts";

type Members = Readonly<Record<string, unknown>>;

/** Shows nothing: the record of an operation that is not known here says that it was called, and by whom. */
const UNKNOWN: KmsRow = { readOnly: false, parameters: [], response: null };

/** What the record of a request of KMS shows: reference/kms-semantics.md §10. */
export function kmsElements(finished: FinishedRequest): Elements {
  const { operation, input, output, error } = finished;
  const row = Object.hasOwn(kmsRows, operation) ? (kmsRows[operation] as KmsRow) : UNKNOWN;
  return {
    readOnly: row.readOnly,
    requestParameters: input === undefined ? keyParameter(row, finished.keyId) : parametersOf(row, input as Members),
    responseElements:
      error !== undefined || row.response === null
        ? "null"
        : responseOf(row.response, (output ?? {}) as Members, changedKey(finished, row)),
    additionalEventData: additionalOf(finished),
    resources: kmsResources(finished, row),
  };
}

function parametersOf(row: KmsRow, input: Members): string {
  return row.parameters.length === 0
    ? "null"
    : limited("requestParameters", input, (value) => writeParameters(row, value as Members));
}

/** Of an input that was not valid. No other member is shown: not even what the model has by default was asked for. */
function keyParameter({ parameters, ...row }: KmsRow, KeyId: string | undefined): string {
  return parametersOf({ ...row, parameters: parameters.filter(({ name }) => name === "KeyId") }, { KeyId });
}

/** For each member of a row, what stands before its value. */
const names = new Map<string, string>();

function nameOf(member: string): string {
  let name = names.get(member);
  if (name === undefined) {
    name = `${JSON.stringify(memberName(member))}:`;
    names.set(member, name);
  }
  return name;
}

function writeParameters({ parameters }: KmsRow, input: Members): string {
  let json = "";
  for (const { name, write, absent } of parameters) {
    const value = input[name] ?? absent?.(input);
    if (value === undefined || value === null) continue;
    json += `${json === "" ? "{" : ","}${nameOf(name)}${write(value)}`;
  }
  return json === "" ? "null" : `${json}}`;
}

const writeOutput = structure(kmsDate);

function responseOf({ members, keyId }: KmsResponse, output: Members, changed: TouchedKey | undefined): string {
  const elements: Record<string, unknown> = {};
  for (const name of members) elements[name] = output[name];
  // After GrantId, and before KeyMaterialId: as the examples have them.
  const shown =
    keyId === undefined || changed === undefined
      ? elements
      : "GrantId" in elements
        ? { ...elements, KeyId: changed.arn }
        : { KeyId: changed.arn, ...elements };
  const json = limited("responseElements", shown, writeOutput);
  return json === "{}" ? "null" : json;
}

/** UpdateAlias is about the former key first, and changes where the alias leads. */
function changedKey({ touched: { keys } }: FinishedRequest, { alias }: KmsRow): TouchedKey | undefined {
  return alias === undefined ? keys[0] : keys.at(-1);
}

/** Key material that was used, and the grant that was retired. On failure none was. */
function additionalOf({ operation, input, output, error, touched }: FinishedRequest): string | undefined {
  if (error !== undefined) return undefined;
  const given = (output ?? {}) as Members;
  const json = Object.hasOwn(ADDITIONAL, operation)
    ? ADDITIONAL[operation]?.(given, touched.keys, touched.grantId ?? (input as Members | undefined)?.GrantId)
    : undefined;
  const { recipient } = touched;
  const all = recipient === undefined ? json : { ...json, recipient: recipientElement(recipient) };
  return all && limited("additionalEventData", all, plain, ADDITIONAL_LIMIT);
}

function recipientElement({ moduleId, imageDigest }: NonNullable<FinishedRequest["touched"]["recipient"]>) {
  return {
    attestationDocumentModuleId: moduleId,
    ...(imageDigest !== undefined && { attestationDocumentEnclaveImageDigest: imageDigest }),
  };
}

type Additional = (output: Members, keys: readonly TouchedKey[], grantId: unknown) => object | undefined;

const material = (id: unknown) => (id === undefined ? undefined : { keyMaterialId: id });
const returnedMaterial: Additional = (output) => material(output.KeyMaterialId);

const ADDITIONAL: Readonly<Record<string, Additional>> = {
  Decrypt: returnedMaterial,
  // Does not return it; it is the current one.
  Encrypt: (output, [key]) =>
    output.EncryptionAlgorithm === "SYMMETRIC_DEFAULT" ? material(key?.current?.id) : undefined,
  GenerateDataKey: returnedMaterial,
  GenerateDataKeyPair: returnedMaterial,
  GenerateDataKeyPairWithoutPlaintext: returnedMaterial,
  GenerateDataKeyWithoutPlaintext: returnedMaterial,
  ReEncrypt: ({ DestinationKeyMaterialId, SourceKeyMaterialId }) =>
    DestinationKeyMaterialId === undefined && SourceKeyMaterialId === undefined
      ? undefined
      : {
          ...(DestinationKeyMaterialId !== undefined && { destinationKeyMaterialId: DestinationKeyMaterialId }),
          ...(SourceKeyMaterialId !== undefined && { sourceKeyMaterialId: SourceKeyMaterialId }),
        },
  RetireGrant: (_output, _keys, grantId) => (grantId === undefined ? undefined : { grantId }),
};
