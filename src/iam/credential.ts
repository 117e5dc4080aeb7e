import type { KeyObject } from "node:crypto";
import type { AccessKeyRecord, AccessKeyUse } from "./accessKey.ts";
import type { Principal } from "./principal.ts";
import type { SessionClaims } from "./session.ts";

/** Signing keys kept for one access key: one for each day, Region and service in use. */
const SIGNING_KEYS = 64;

/** An access key in use, long-term or temporary: whose it is, and the keys its requests are signed with. */
export class Credential {
  readonly accessKeyId: string;
  readonly account: string;
  /** the user or role it stands for; undefined: the account's root */
  readonly entityId: string | undefined;
  /** of temporary credentials */
  readonly session: SessionClaims | undefined;
  /** what requests of this credential are decided by, as `Identities` last found it */
  principal: { readonly generation: { readonly current: boolean }; readonly principal: Principal } | undefined;
  /** as far as this process knows */
  lastUse: AccessKeyUse | undefined;
  readonly #derive: (date: string, region: string, service: string) => KeyObject;
  readonly #signingKeys = new Map<string, KeyObject>();

  constructor(
    of: AccessKeyRecord | SessionClaims,
    derive: (date: string, region: string, service: string) => KeyObject,
  ) {
    this.account = of.account;
    if ("secret" in of) {
      this.accessKeyId = of.id;
      this.entityId = of.userId ?? undefined;
    } else {
      this.accessKeyId = of.accessKeyId;
      this.entityId = of.entityId;
      this.session = of;
    }
    this.#derive = derive;
  }

  /** The credential itself is what a verified request is traced back to. */
  get identity(): this {
    return this;
  }

  /** kSigning of Signature Version 4; derived once for each scope. */
  signingKey(date: string, region: string, service: string): KeyObject {
    const scope = `${date}/${region}/${service}`;
    let key = this.#signingKeys.get(scope);
    if (key === undefined) {
      key = this.#derive(date, region, service);
      if (this.#signingKeys.size >= SIGNING_KEYS) this.#signingKeys.clear();
      this.#signingKeys.set(scope, key);
    }
    return key;
  }
}
