import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import type { KeyPairOperations, KeyPairType } from "../material.ts";

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** What the HSM needs to know of one kind of key pair. */
export interface KeyFamily<T extends KeyPairType> {
  generate(type: T): Promise<KeyObject>;
  /** Whether a key that opened is of this type. */
  matches(type: T, privateKey: KeyObject): boolean;
  /**
   * Checks a private key that matches and comes from outside: OpenSSL parses it, but trusts it.
   * @param pkcs8 as it came
   * @returns what is wrong with it
   */
  flaw(type: T, privateKey: KeyObject, pkcs8: Uint8Array): Promise<string | undefined>;
  /** The same key without a choice that its encoding left: two encodings of one key become one. */
  normal(type: T, privateKey: KeyObject): KeyObject;
  /** What it can do; the rest is refused. */
  operations(type: T, pair: Pair): Partial<KeyPairOperations>;
}

export type KeyFamilyOf<Kind extends KeyPairType["kind"]> = KeyFamily<Extract<KeyPairType, { kind: Kind }>>;

export function pairOf(privateKey: KeyObject): Pair {
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

/** For key pairs asked for what their kind cannot do. */
export function unfit(what: string): TypeError {
  return new TypeError(`a key of this type cannot ${what}`);
}

/** A private key made in Node.js's thread pool. @param type and options as node:crypto's generateKeyPair has them */
export function generated(type: string, options?: { readonly namedCurve: string }): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    // The overloads want each type by itself.
    generateKeyPair(type as "ec", options as { namedCurve: string }, (error, _publicKey, privateKey) =>
      error ? reject(error) : resolve(privateKey as KeyObject),
    );
  });
}

/** An asynchronous call of node:crypto, which runs it in Node.js's thread pool. */
export function promised<T>(call: (callback: (error: Error | null, result: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/**
 * Whether a key of FIPS 203 or 204 has its seed, which is the form in which it is kept (RFC 9935 §6 and RFC 9881 §6
 * recommend it). A key that came as its expansion alone does not: nothing tells that it is one.
 */
export function hasSeed(key: KeyObject): boolean {
  try {
    key.export({ format: "raw-seed" }).fill(0);
    return true;
  } catch {
    return false;
  }
}
