import assert from "node:assert/strict";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import * as sdk from "@aws-sdk/client-kms";

/** What can be seen of a key from outside. */
interface KeyView {
  readonly description: string;
  readonly state: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly rotations: number;
}

/** What a request changes if it is carried out. */
type Change =
  | { readonly kind: "nothing" }
  | { readonly kind: "new key"; readonly view: KeyView }
  | { readonly kind: "key"; readonly id: string; readonly after: KeyView }
  | { readonly kind: "alias"; readonly name: string; readonly after: string | undefined };

interface Step {
  readonly change: Change;
  send(kms: sdk.KMSClient): Promise<unknown>;
  /** what is to be remembered of the answer */
  answered?(output: never): void;
}

interface Sealed {
  readonly keyId: string;
  readonly blob: Uint8Array;
  readonly plaintext: Buffer;
  readonly context: Record<string, string>;
}

/** What stands in a server, read through its API. */
export interface Holdings {
  readonly keyIds: ReadonlySet<string>;
  /** to key ids */
  readonly aliases: ReadonlyMap<string, string>;
}

const ROTATION_LIMIT = 25;
const pick = <T>(items: readonly T[]): T => items[randomInt(items.length)]!;

/**
 * A client that changes keys and aliases of its own, at random, one request after the other, and remembers what was
 * acknowledged. Of the request whose answer it did not get, either outcome is right.
 */
export class Workload {
  readonly name: string;
  /** requests answered with success */
  acknowledged = 0;
  /** by their request ids, the operations that were answered with success */
  readonly answered = new Map<string, string>();
  /** changes found carried out, and found not carried out, whose answer never came */
  readonly unanswered = { done: 0, undone: 0 };
  readonly #keys = new Map<string, KeyView>();
  readonly #aliases = new Map<string, string>();
  readonly #sealed: Sealed[] = [];
  /** changed since they were last checked */
  #touched = new Set<string>();
  #sealedChecked = 0;
  #inFlight: Change | undefined;
  #serial = 0;

  constructor(name: string) {
    this.name = name;
  }

  get keyIds(): ReadonlySet<string> {
    return new Set(this.#keys.keys());
  }

  get aliasNames(): ReadonlySet<string> {
    return new Set(this.#aliases.keys());
  }

  get ciphertexts(): number {
    return this.#sealed.length;
  }

  /** Goes on until told to stop, or until the server is gone: returns which. @throws when a request is refused */
  async run(kms: sdk.KMSClient, stopped: () => boolean): Promise<"stopped" | "cut off"> {
    assert.equal(this.#inFlight, undefined, "what was in flight has to be settled first");
    while (!stopped()) {
      const { change, send, answered } = this.#nextStep();
      let output: unknown;
      try {
        output = await send(this.#noting(kms));
      } catch (error) {
        const { $metadata, name, message } = error as sdk.KMSServiceException;
        if ($metadata?.httpStatusCode !== undefined || message.includes("exceeded the configured"))
          throw new Error(`${change.kind} refused: ${name} ${message}`);
        this.#inFlight = change;
        return "cut off";
      }
      this.acknowledged++;
      if (change.kind !== "new key") this.#apply(change);
      answered?.(output as never);
    }
    return "stopped";
  }

  /** The client, with a note of each answer. */
  #noting(kms: sdk.KMSClient): sdk.KMSClient {
    const send = async (command: { constructor: { name: string } }) => {
      const output = await kms.send(command as sdk.ListKeysCommand);
      this.answered.set(output.$metadata.requestId as string, command.constructor.name.replace(/Command$/, ""));
      return output;
    };
    return { send } as unknown as sdk.KMSClient;
  }

  #apply(change: Change): void {
    if (change.kind === "key") {
      this.#keys.set(change.id, change.after);
      this.#touched.add(change.id);
    } else if (change.kind === "alias") {
      if (change.after === undefined) this.#aliases.delete(change.name);
      else this.#aliases.set(change.name, change.after);
    }
  }

  #nextStep(): Step {
    const enabled = [...this.#keys].filter(([, view]) => view.state === "Enabled");
    if (enabled.length < 3) return this.#createKey();
    const [id, view] = pick(enabled);
    const change = (after: Partial<KeyView>): Change => ({ kind: "key", id, after: { ...view, ...after } });
    switch (randomInt(10)) {
      case 0:
        return this.#createKey();
      case 1: {
        const TagKey = pick(["a", "b", "c"]);
        if (TagKey in view.tags && randomInt(2) === 0) {
          const { [TagKey]: _, ...tags } = view.tags;
          return {
            change: change({ tags }),
            send: (kms) => kms.send(new sdk.UntagResourceCommand({ KeyId: id, TagKeys: [TagKey] })),
          };
        }
        const TagValue = String(this.#serial++);
        return {
          change: change({ tags: { ...view.tags, [TagKey]: TagValue } }),
          send: (kms) => kms.send(new sdk.TagResourceCommand({ KeyId: id, Tags: [{ TagKey, TagValue }] })),
        };
      }
      case 2:
      case 3:
        return this.#changeAlias(id);
      case 4:
        return {
          change: change({ state: "Disabled" }),
          send: (kms) => kms.send(new sdk.DisableKeyCommand({ KeyId: id })),
        };
      case 5: {
        const disabled = [...this.#keys].find(([, other]) => other.state !== "Enabled");
        if (disabled === undefined) {
          return {
            change: change({ state: "PendingDeletion" }),
            send: (kms) => kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 })),
          };
        }
        const [KeyId, other] = disabled;
        return other.state === "PendingDeletion"
          ? {
              change: { kind: "key", id: KeyId, after: { ...other, state: "Disabled" } },
              send: (kms) => kms.send(new sdk.CancelKeyDeletionCommand({ KeyId })),
            }
          : {
              change: { kind: "key", id: KeyId, after: { ...other, state: "Enabled" } },
              send: (kms) => kms.send(new sdk.EnableKeyCommand({ KeyId })),
            };
      }
      case 6:
        if (view.rotations >= ROTATION_LIMIT) return this.#createKey();
        return {
          change: change({ rotations: view.rotations + 1 }),
          send: (kms) => kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId: id })),
        };
      case 7: {
        const context = { round: String(this.#serial++) };
        return {
          change: { kind: "nothing" },
          send: (kms) =>
            kms.send(new sdk.GenerateDataKeyCommand({ KeyId: id, KeySpec: "AES_256", EncryptionContext: context })),
          answered: ({ Plaintext, CiphertextBlob }: sdk.GenerateDataKeyCommandOutput) =>
            this.#sealed.push({ keyId: id, blob: CiphertextBlob!, plaintext: Buffer.from(Plaintext!), context }),
        };
      }
      default: {
        const plaintext = randomBytes(1 + randomInt(200));
        const context = { client: this.name, serial: String(this.#serial++) };
        return {
          change: { kind: "nothing" },
          send: (kms) =>
            kms.send(new sdk.EncryptCommand({ KeyId: id, Plaintext: plaintext, EncryptionContext: context })),
          answered: ({ CiphertextBlob }: sdk.EncryptCommandOutput) =>
            this.#sealed.push({ keyId: id, blob: CiphertextBlob!, plaintext, context }),
        };
      }
    }
  }

  #createKey(): Step {
    const view: KeyView = {
      description: `${this.name} ${randomUUID()}`,
      state: "Enabled",
      tags: { owner: this.name },
      rotations: 0,
    };
    const Tags = [{ TagKey: "owner", TagValue: this.name }];
    return {
      change: { kind: "new key", view },
      send: (kms) => kms.send(new sdk.CreateKeyCommand({ Description: view.description, Tags })),
      answered: ({ KeyMetadata }: sdk.CreateKeyCommandOutput) =>
        this.#apply({ kind: "key", id: KeyMetadata!.KeyId!, after: view }),
    };
  }

  #changeAlias(keyId: string): Step {
    const existing = [...this.#aliases.keys()];
    if (existing.length < 5) {
      const name = `alias/${this.name}/${randomUUID()}`;
      return {
        change: { kind: "alias", name, after: keyId },
        send: (kms) => kms.send(new sdk.CreateAliasCommand({ AliasName: name, TargetKeyId: keyId })),
      };
    }
    const name = pick(existing);
    if (randomInt(3) === 0) {
      return {
        change: { kind: "alias", name, after: undefined },
        send: (kms) => kms.send(new sdk.DeleteAliasCommand({ AliasName: name })),
      };
    }
    return {
      change: { kind: "alias", name, after: keyId },
      send: (kms) => kms.send(new sdk.UpdateAliasCommand({ AliasName: name, TargetKeyId: keyId })),
    };
  }

  /**
   * Holds everything acknowledged since the last check against what the server has; `all` for everything from the
   * first on. What was in flight is taken as it turned out.
   */
  async check(kms: sdk.KMSClient, holdings: Holdings, all = false): Promise<void> {
    await this.#settle(kms, holdings);
    for (const [name, keyId] of this.#aliases) assert.equal(holdings.aliases.get(name), keyId, name);
    for (const id of this.#keys.keys()) assert.ok(holdings.keyIds.has(id), `key ${id} was acknowledged, and is lost`);
    for (const id of all ? this.#keys.keys() : this.#touched) assert.deepEqual(await view(kms, id), this.#keys.get(id));
    this.#touched = new Set();
    for (const sealed of this.#sealed.slice(all ? 0 : this.#sealedChecked)) await this.#checkSealed(kms, sealed);
    this.#sealedChecked = this.#sealed.length;
  }

  async #settle(kms: sdk.KMSClient, holdings: Holdings): Promise<void> {
    const change = this.#inFlight;
    this.#inFlight = undefined;
    if (change === undefined || change.kind === "nothing") return;
    let done: boolean;
    if (change.kind === "alias") {
      const now = holdings.aliases.get(change.name);
      assert.ok([this.#aliases.get(change.name), change.after].includes(now), `${change.name} is neither old nor new`);
      done = now === change.after;
      if (done) this.#apply(change);
    } else if (change.kind === "key") {
      const now = await view(kms, change.id);
      const before = this.#keys.get(change.id)!;
      done = same(now, change.after);
      assert.ok(done || same(now, before), `${JSON.stringify(now)} is neither old nor new`);
      if (done) this.#apply(change);
    } else {
      // Nobody was told its id. It is there as a whole, or not at all.
      const id = await this.#findUnanswered(kms, holdings, change.view.description);
      done = id !== undefined;
      if (id !== undefined) {
        assert.deepEqual(await view(kms, id), change.view);
        const { CiphertextBlob } = await kms.send(new sdk.EncryptCommand({ KeyId: id, Plaintext: Buffer.from("x") }));
        this.#sealed.push({ keyId: id, blob: CiphertextBlob!, plaintext: Buffer.from("x"), context: {} });
        this.#apply({ kind: "key", id, after: change.view });
      }
    }
    this.unanswered[done ? "done" : "undone"]++;
  }

  async #findUnanswered(kms: sdk.KMSClient, holdings: Holdings, description: string): Promise<string | undefined> {
    for (const id of holdings.keyIds) {
      if (this.#strangers.has(id) || this.#keys.has(id)) continue;
      const { KeyMetadata } = await kms.send(new sdk.DescribeKeyCommand({ KeyId: id }));
      if (KeyMetadata!.Description === description) return id;
      this.#strangers.add(id);
    }
    return undefined;
  }
  /** keys of others */
  readonly #strangers = new Set<string>();

  async #checkSealed(kms: sdk.KMSClient, { keyId, blob, plaintext, context }: Sealed): Promise<void> {
    const decrypt = (EncryptionContext: Record<string, string>) =>
      kms.send(new sdk.DecryptCommand({ CiphertextBlob: blob, EncryptionContext }));
    const { state } = this.#keys.get(keyId)!;
    if (state !== "Enabled") {
      const name = state === "Disabled" ? "DisabledException" : "KMSInvalidStateException";
      return assert.rejects(decrypt(context), { name }, `${keyId} is ${state}`);
    }
    const opened = await decrypt(context);
    assert.ok(plaintext.equals(opened.Plaintext!), `a ciphertext of ${keyId} decrypts to something else`);
    assert.equal(opened.KeyId!.split("/")[1], keyId);
    await assert.rejects(decrypt({ ...context, more: "" }), { name: "InvalidCiphertextException" });
  }

  /** Makes every key usable, so that every ciphertext can be decrypted. */
  async enableAll(kms: sdk.KMSClient): Promise<void> {
    for (const [KeyId, before] of this.#keys) {
      if (before.state === "PendingDeletion") await kms.send(new sdk.CancelKeyDeletionCommand({ KeyId }));
      if (before.state !== "Enabled") await kms.send(new sdk.EnableKeyCommand({ KeyId }));
      this.#apply({ kind: "key", id: KeyId, after: { ...before, state: "Enabled" } });
    }
  }
}

function same(a: KeyView, b: KeyView): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

async function view(kms: sdk.KMSClient, KeyId: string): Promise<KeyView> {
  const { KeyMetadata } = await kms.send(new sdk.DescribeKeyCommand({ KeyId }));
  const { Tags } = await kms.send(new sdk.ListResourceTagsCommand({ KeyId }));
  const { Rotations } = await kms.send(new sdk.ListKeyRotationsCommand({ KeyId }));
  return {
    description: KeyMetadata!.Description!,
    state: KeyMetadata!.KeyState!,
    tags: Object.fromEntries(Tags!.map(({ TagKey, TagValue }) => [TagKey!, TagValue!])),
    rotations: Rotations!.length,
  };
}

export async function holdingsOf(kms: sdk.KMSClient): Promise<Holdings> {
  const keyIds = new Set<string>();
  for await (const { Keys } of sdk.paginateListKeys({ client: kms, pageSize: 1000 }, {}))
    for (const { KeyId } of Keys!) keyIds.add(KeyId!);
  const aliases = new Map<string, string>();
  for await (const { Aliases } of sdk.paginateListAliases({ client: kms, pageSize: 100 }, {}))
    for (const { AliasName, TargetKeyId } of Aliases!) if (TargetKeyId) aliases.set(AliasName!, TargetKeyId);
  return { keyIds, aliases };
}

/** Checks all, and that the server has nothing beyond what they asked for. Returns what it has. */
export async function checkAll(
  workloads: readonly Workload[],
  client: () => sdk.KMSClient,
  all = false,
): Promise<Holdings> {
  const holdings = await holdingsOf(client());
  await Promise.all(workloads.map((workload) => workload.check(client(), holdings, all)));
  const union = (sets: ReadonlySet<string>[]) => sets.reduce((a, b) => a.union(b), new Set<string>());
  assert.deepEqual(holdings.keyIds.difference(union(workloads.map((workload) => workload.keyIds))), new Set());
  const names = new Set(holdings.aliases.keys());
  assert.deepEqual(names.difference(union(workloads.map((workload) => workload.aliasNames))), new Set());
  return holdings;
}
