import { createSecretKey, type KeyObject } from "node:crypto";
import {
  DamagedKeyMaterial,
  type DomainKeyRecord,
  type Hsm,
  InvalidKeyMaterial,
  InvalidMessage,
  type MaterialOwner,
  type NewKeyMaterial,
  type NewMaterial,
  type OpenedMaterial,
  type OpenedSession,
  type RootKeyProvider,
  type SymmetricMaterial,
  type Unwrapping,
  type Wrapped,
} from "../hsm.ts";
import type { KeyPairType, MaterialType, PlaintextKeyPair } from "../material.ts";
import { openKey, sealKey } from "./gcm.ts";
import { hotp } from "./hotp.ts";
import { generateKeyPair, importKeyPair, openKeyPair } from "./keyPair.ts";
import { openMac } from "./mac.ts";
import { fillRandom } from "./randomPool.ts";
import { deriveSigningKey } from "./signingKey.ts";
import { MATERIAL_LENGTH, materialIdOf, SoftwareSymmetricMaterial } from "./symmetricMaterial.ts";
import { domainKeyOf, openToken, sealToken } from "./token.ts";
import { packWrappingKey, unpackWrappingKey, unwrap } from "./wrappingKey.ts";

/** Bytes; AWS's seeds are 64 characters of base 32. */
const TOTP_SEED_LENGTH = 40;
/** Characters of a secret access key. */
const SECRET_LENGTH = 40;

/**
 * The HSM in this process's memory: root key → domain keys → key material. It protects what is at rest; whoever can
 * read the process's memory can read the keys.
 */
export class SoftwareHsm implements Hsm {
  readonly #rootKey: RootKeyProvider;
  readonly #storeId: string;
  readonly #domainKeys = new Map<number, KeyObject>();
  #active = 0;

  /** @param storeId binds the domain keys to one store: those of another do not open here, even under the same root key */
  constructor(rootKey: RootKeyProvider, storeId: string) {
    this.#rootKey = rootKey;
    this.#storeId = storeId;
  }

  get activeDomainKey(): number {
    return this.#active;
  }

  hasDomainKey(id: number): boolean {
    return this.#domainKeys.has(id);
  }

  async generateDomainKey(id: number, createdAt: number): Promise<DomainKeyRecord> {
    const key = this.randomBytes(32);
    const bytes = await this.#rootKey.seal(key, this.#domainKeyLabel(id));
    key.fill(0);
    return { id, bytes, createdAt };
  }

  async addDomainKey(record: DomainKeyRecord): Promise<void> {
    if (this.#domainKeys.has(record.id)) return;
    const key = await this.#rootKey.unseal(record.bytes, this.#domainKeyLabel(record.id));
    this.#domainKeys.set(record.id, createSecretKey(key));
    key.fill(0);
    this.#active = Math.max(this.#active, record.id);
  }

  randomBytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    fillRandom(bytes);
    return bytes;
  }

  generateMaterial(owner: MaterialOwner): NewMaterial {
    const material = this.randomBytes(MATERIAL_LENGTH);
    const result = this.importMaterial(owner, material);
    material.fill(0);
    return result;
  }

  importMaterial(owner: MaterialOwner, material: Uint8Array): NewMaterial {
    if (material.length !== MATERIAL_LENGTH) {
      throw new RangeError(`key material of a symmetric key is ${MATERIAL_LENGTH} bytes, not ${material.length}`);
    }
    return this.#newMaterial(owner, { kind: "symmetric" }, material);
  }

  openMaterial(owner: MaterialOwner, materialId: string, wrapped: Wrapped): SymmetricMaterial {
    return this.openKeyMaterial(owner, { kind: "symmetric" }, materialId, wrapped);
  }

  async generateKeyMaterial(owner: MaterialOwner, type: MaterialType): Promise<NewKeyMaterial> {
    if (isKeyPair(type)) return this.#keep(owner, type, await generateKeyPair(type));
    const material = this.randomBytes(lengthOf(type));
    const result = this.#newMaterial(owner, type, material);
    material.fill(0);
    return result;
  }

  async importKeyMaterial(owner: MaterialOwner, type: MaterialType, material: Uint8Array): Promise<NewKeyMaterial> {
    if (isKeyPair(type)) return this.#keep(owner, type, await importKeyPair(type, material));
    if (material.length !== lengthOf(type)) {
      throw new InvalidKeyMaterial(`the key material is to be ${lengthOf(type)} bytes, not ${material.length}`);
    }
    return this.#newMaterial(owner, type, material);
  }

  async newWrappingKey(purpose: string, type: KeyPairType, claims: Uint8Array) {
    const { publicKey, privateKey } = await generateKeyPair(type);
    const packed = packWrappingKey(claims, privateKey);
    const token = this.sealToken(wrappingKeyPurpose(purpose), packed);
    privateKey.fill(0);
    packed.fill(0);
    return { publicKey, token };
  }

  wrappingKeyClaims(purpose: string, token: Uint8Array): Buffer | undefined {
    const packed = this.openToken(wrappingKeyPurpose(purpose), token);
    if (packed === undefined) return undefined;
    const claims = Buffer.from(unpackWrappingKey(packed).claims);
    packed.fill(0);
    return claims;
  }

  async importWrapped(
    owner: MaterialOwner,
    type: MaterialType,
    wrappingKey: { readonly purpose: string; readonly token: Uint8Array; readonly type: KeyPairType },
    unwrapping: Unwrapping,
    encrypted: Uint8Array,
  ): Promise<NewKeyMaterial> {
    const packed = this.openToken(wrappingKeyPurpose(wrappingKey.purpose), wrappingKey.token);
    if (packed === undefined) throw new InvalidMessage();
    const pair = openKeyPair(wrappingKey.type, "wrapping key", unpackWrappingKey(packed).privateKey);
    packed.fill(0);
    const wrappedKeyLength = wrappingKey.type.kind === "rsa" ? wrappingKey.type.modulusLength / 8 : 0;
    const material = await unwrap(pair, unwrapping, wrappedKeyLength, encrypted);
    try {
      return await this.importKeyMaterial(owner, type, material);
    } finally {
      material.fill(0);
    }
  }

  openKeyMaterial<T extends MaterialType>(owner: MaterialOwner, type: T, materialId: string, wrapped: Wrapped) {
    const tagged = this.#unwrap(wrapped, materialLabel(owner, materialId));
    try {
      return openAs(type, materialId, withoutTag(type, materialId, tagged)) as OpenedMaterial<T>;
    } finally {
      tagged.fill(0);
    }
  }

  generateKeyPair(type: KeyPairType): Promise<PlaintextKeyPair> {
    return generateKeyPair(type);
  }

  rewrapMaterial(owner: MaterialOwner, materialId: string, wrapped: Wrapped, to = owner): Wrapped {
    if (to.keyId !== owner.keyId) throw new TypeError(`key material of ${owner.keyArn} is not for ${to.keyArn}`);
    return this.#rewrap(wrapped, materialLabel(owner, materialId), materialLabel(to, materialId));
  }

  newAccessKeySecret(accessKeyId: string): { secret: string; wrapped: Wrapped } {
    const secret = this.#newSecret();
    return { secret, wrapped: this.wrapAccessKeySecret(accessKeyId, secret) };
  }

  wrapAccessKeySecret(accessKeyId: string, secret: string): Wrapped {
    return this.#wrap(Buffer.from(secret, "utf8"), accessKeyLabel(accessKeyId));
  }

  rewrapAccessKeySecret(accessKeyId: string, secret: Wrapped): Wrapped {
    return this.#rewrap(secret, accessKeyLabel(accessKeyId));
  }

  deriveSigningKey(accessKeyId: string, secret: Wrapped, date: string, region: string, service: string): KeyObject {
    const bytes = this.#unwrap(secret, accessKeyLabel(accessKeyId));
    const key = deriveSigningKey(bytes, date, region, service);
    bytes.fill(0);
    return key;
  }

  newSession(accessKeyId: string, claims: Uint8Array): { secret: string; token: Buffer } {
    const secret = this.#newSecret();
    const plaintext = Buffer.concat([Buffer.from(secret, "latin1"), claims]);
    const token = this.sealToken(sessionPurpose(accessKeyId), plaintext);
    plaintext.fill(0);
    return { secret, token };
  }

  openSession(accessKeyId: string, token: Uint8Array): OpenedSession | undefined {
    const open = () => this.openToken(sessionPurpose(accessKeyId), token);
    const opened = open();
    if (opened === undefined) return undefined;
    const claims = Buffer.from(opened.subarray(SECRET_LENGTH));
    opened.fill(0);
    return {
      claims,
      deriveSigningKey(date, region, service) {
        const plaintext = open() as Buffer;
        const key = deriveSigningKey(plaintext.subarray(0, SECRET_LENGTH), date, region, service);
        plaintext.fill(0);
        return key;
      },
    };
  }

  sealToken(purpose: string, claims: Uint8Array): Buffer {
    return sealToken(this.#active, this.#domainKey(this.#active), purpose, claims);
  }

  openToken(purpose: string, token: Uint8Array): Buffer | undefined {
    const key = this.#domainKeys.get(domainKeyOf(token) ?? 0);
    return key && openToken(key, purpose, token);
  }

  tokenDomainKey(token: Uint8Array): number | undefined {
    return domainKeyOf(token);
  }

  newTotpSeed(deviceId: string): { seed: Buffer; wrapped: Wrapped } {
    const seed = this.randomBytes(TOTP_SEED_LENGTH);
    return { seed, wrapped: this.#wrap(seed, totpLabel(deviceId)) };
  }

  hotp(deviceId: string, seed: Wrapped, counter: number): string {
    const opened = this.#unwrap(seed, totpLabel(deviceId));
    const code = hotp(opened, counter);
    opened.fill(0);
    return code;
  }

  rewrapTotpSeed(deviceId: string, seed: Wrapped): Wrapped {
    return this.#rewrap(seed, totpLabel(deviceId));
  }

  #newMaterial(owner: MaterialOwner, type: MaterialType, material: Uint8Array): NewMaterial {
    const materialId = materialIdOf(owner.keyId, material);
    const tagged = Buffer.concat([TAGS[type.kind], material]);
    const wrapped = this.#wrap(tagged, materialLabel(owner, materialId));
    tagged.fill(0);
    return { materialId, wrapped };
  }

  #keep(owner: MaterialOwner, type: KeyPairType, { publicKey, privateKey }: PlaintextKeyPair): NewKeyMaterial {
    const result = this.#newMaterial(owner, type, privateKey);
    privateKey.fill(0);
    return { ...result, publicKey };
  }

  #newSecret(): string {
    const bytes = this.randomBytes(30);
    const secret = bytes.toString("base64");
    bytes.fill(0);
    return secret;
  }

  #wrap(plaintext: Uint8Array, label: Buffer): Wrapped {
    return { domainKey: this.#active, bytes: sealKey(this.#domainKey(this.#active), plaintext, label) };
  }

  #unwrap(wrapped: Wrapped, label: Buffer): Buffer {
    const plaintext = openKey(this.#domainKey(wrapped.domainKey), wrapped.bytes, label);
    if (plaintext === undefined) {
      throw new DamagedKeyMaterial(`${label.toString("utf8")} does not open under domain key ${wrapped.domainKey}`);
    }
    return plaintext;
  }

  #rewrap(wrapped: Wrapped, label: Buffer, newLabel = label): Wrapped {
    const plaintext = this.#unwrap(wrapped, label);
    const rewrapped = this.#wrap(plaintext, newLabel);
    plaintext.fill(0);
    return rewrapped;
  }

  #domainKey(id: number): KeyObject {
    const key = this.#domainKeys.get(id);
    if (key === undefined) throw new DamagedKeyMaterial(`domain key ${id} is not known to the HSM`);
    return key;
  }

  #domainKeyLabel(id: number): Buffer {
    return Buffer.from(`domain key ${id} of store ${this.#storeId}`, "utf8");
  }
}

type SecretType = Exclude<MaterialType, KeyPairType>;

function isKeyPair(type: MaterialType): type is KeyPairType {
  return type.kind !== "symmetric" && type.kind !== "mac";
}

function lengthOf(type: SecretType): number {
  return type.kind === "symmetric" ? MATERIAL_LENGTH : type.bytes;
}

/**
 * What is sealed says of which kind it is, so that a key whose record was changed does not open as another kind: an AES
 * key used for an HMAC would tell of itself. Symmetric material, the first there was, has no tag, and its length is all its own.
 */
const TAGS: Readonly<Record<MaterialType["kind"], Buffer>> = {
  symmetric: Buffer.alloc(0),
  mac: Buffer.of(1),
  rsa: Buffer.of(2),
  ec: Buffer.of(3),
  ed25519: Buffer.of(4),
  "ml-dsa": Buffer.of(5),
  "ml-kem": Buffer.of(6),
  sm2: Buffer.of(7),
};

function withoutTag({ kind }: MaterialType, materialId: string, tagged: Buffer): Buffer {
  const tag = TAGS[kind];
  if (tagged.subarray(0, tag.length).equals(tag)) return tagged.subarray(tag.length);
  throw new DamagedKeyMaterial(`key material ${materialId} is not of type ${kind}`);
}

function openAs(type: MaterialType, materialId: string, bytes: Buffer): OpenedMaterial<MaterialType> {
  if (isKeyPair(type)) return openKeyPair(type, materialId, bytes);
  if (bytes.length !== lengthOf(type)) {
    throw new DamagedKeyMaterial(`key material ${materialId} is not of type ${type.kind}`);
  }
  return type.kind === "symmetric" ? new SoftwareSymmetricMaterial(materialId, bytes) : openMac(materialId, bytes);
}

// Associated data of the wrappings. A material id has a fixed length and an ARN's first part no spaces: no two differ only in where they are cut.
function materialLabel(owner: MaterialOwner, materialId: string): Buffer {
  return Buffer.from(`key material ${materialId} of ${owner.keyArn}`, "utf8");
}

function accessKeyLabel(accessKeyId: string): Buffer {
  return Buffer.from(`secret of access key ${accessKeyId}`, "utf8");
}

function totpLabel(deviceId: string): Buffer {
  return Buffer.from(`seed of MFA device ${deviceId}`, "utf8");
}

function wrappingKeyPurpose(purpose: string): string {
  return `wrapping key for ${purpose}`;
}

function sessionPurpose(accessKeyId: string): string {
  return `session of access key ${accessKeyId}`;
}
