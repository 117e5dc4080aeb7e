import assert from "node:assert/strict";
import { createPublicKey, randomBytes, verify } from "node:crypto";
import { after, before, test } from "node:test";
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GetPublicKeyCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { AwsKmsSigner } from "@solana/keychain-aws-kms";
import { encodeBase58 } from "ethers";
import { startTestServer, type TestServer } from "../harness.ts";
import { exportEnvironment } from "./environment.ts";

/** A Solana account whose key is in the service: the Solana Foundation's @solana/keychain-aws-kms, as it is published. */

let server: TestServer;
let kms: KMSClient;
let keyId: string;
let publicKey: ReturnType<typeof createPublicKey>;
/** 32 bytes, which in base58 are the address */
let account: Buffer;
let signer: AwsKmsSigner;

before(async () => {
  server = await startTestServer();
  kms = server.client();
  const input = { KeySpec: "ECC_NIST_EDWARDS25519", KeyUsage: "SIGN_VERIFY" } as const;
  keyId = (await kms.send(new CreateKeyCommand(input))).KeyMetadata!.Arn!;
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
  publicKey = createPublicKey({ key: Buffer.from(PublicKey!), format: "der", type: "spki" });
  account = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url");
  exportEnvironment(server); // the signer makes its client itself
  signer = new AwsKmsSigner({ keyId, publicKey: encodeBase58(account), region: "us-east-1" });
});
after(() => server.stop());

type Signed = Awaited<ReturnType<AwsKmsSigner["signMessages"]>>;
const signatureOf = (signed: Signed[number] | undefined): Uint8Array => {
  const [[address, signature] = [], ...others] = Object.entries(signed ?? {});
  assert.deepEqual([address, others], [signer.address, []]);
  return signature!;
};

/**
 * A transfer of lamports from the account to itself, as a legacy message: counts of signatures and read-only accounts,
 * the accounts, a recent blockhash, and one instruction of the system program.
 */
function transfer(lamports: bigint): Uint8Array {
  const systemProgram = Buffer.alloc(32);
  const instruction = Buffer.alloc(12);
  instruction.writeUInt32LE(2, 0); // Transfer
  instruction.writeBigUInt64LE(lamports, 4);
  return Buffer.concat([
    Buffer.of(1, 0, 1, 2),
    account,
    systemProgram,
    randomBytes(32),
    Buffer.of(1, 1, 2, 0, 0, instruction.length),
    instruction,
  ]);
}

test("it finds the key fit to sign, and a disabled one not", async () => {
  assert.equal(await signer.isAvailable(), true);
  await kms.send(new DisableKeyCommand({ KeyId: keyId }));
  try {
    assert.equal(await signer.isAvailable(), false);
    await assert.rejects(signer.signMessages([{ content: Buffer.from("a"), signatures: {} }]), {
      code: "SIGNER_REMOTE_API_ERROR",
      message: `AWS KMS Sign operation failed: ${keyId} is disabled.`,
    });
  } finally {
    await kms.send(new EnableKeyCommand({ KeyId: keyId }));
  }
  assert.equal(await signer.isAvailable(), true);
});

test("messages: Ed25519 signatures by RFC 8032, which are deterministic", async () => {
  const contents = [Buffer.from("hello"), Buffer.of(0), randomBytes(4096), Buffer.from("hello")];
  const signed = await signer.signMessages(contents.map((content) => ({ content, signatures: {} })));
  const signatures = signed.map(signatureOf);
  assert.equal(signatures.length, contents.length);
  for (const [i, content] of contents.entries()) assert.ok(verify(null, content, publicKey, signatures[i]!));
  assert.ok(!verify(null, contents[0]!, publicKey, signatures[1]!));
  assert.deepEqual(signatures[3], signatures[0]);
});

test("transactions", async () => {
  const messages = [transfer(1n), transfer(10n ** 9n)];
  type Transaction = Parameters<AwsKmsSigner["signTransactions"]>[0][number];
  const transactions = messages.map(
    (messageBytes) => ({ messageBytes, signatures: { [signer.address]: null } }) as unknown as Transaction,
  );
  const signed = await signer.signTransactions(transactions);
  assert.equal(signed.length, messages.length);
  for (const [i, message] of messages.entries()) assert.ok(verify(null, message, publicKey, signatureOf(signed[i])));
});
