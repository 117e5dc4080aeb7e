import assert from "node:assert/strict";
import { createHash, createPublicKey } from "node:crypto";
import { after, before, test } from "node:test";
import { CreateKeyCommand, GetPublicKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { KMSSigner } from "@rumblefishdev/eth-signer-kms";
import {
  hashMessage,
  JsonRpcProvider,
  Signature,
  Transaction,
  verifyAuthorization,
  verifyMessage,
  verifyTypedData,
} from "ethers";
import { startTestServer, type TestServer } from "../harness.ts";

/** A wallet whose key is in the service: the ethers signer @rumblefishdev/eth-signer-kms, as it is published. */

const CHAIN = 11155111;
/** So many that some s are above half of the order, which Ethereum does not take (EIP-2) and the signer turns over. */
const SIGNATURES = 16;

let server: TestServer;
let kms: KMSClient;
let signer: KMSSigner;
let provider: JsonRpcProvider;
/** the uncompressed point, 65 bytes */
let point: Buffer;

before(async () => {
  server = await startTestServer();
  kms = server.client();
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: "ECC_SECG_P256K1", KeyUsage: "SIGN_VERIFY" }));
  const KeyId = KeyMetadata!.Arn!;
  provider = new JsonRpcProvider("http://127.0.0.1:9", CHAIN, { staticNetwork: true }); // never asked
  // The signer's types are those of ethers' CommonJS half, which has a class of its own.
  signer = await KMSSigner.create(provider as unknown as Parameters<typeof KMSSigner.create>[0], KeyId, kms);
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  const { x, y } = createPublicKey({ key: Buffer.from(PublicKey!), format: "der", type: "spki" }).export({
    format: "jwk",
  });
  point = Buffer.concat([Buffer.of(4), Buffer.from(x!, "base64url"), Buffer.from(y!, "base64url")]);
});
after(async () => {
  provider.destroy();
  await server.stop();
});

const keccak = (bytes: Uint8Array) => createHash("keccak-256").update(bytes).digest();

/** The point that made a signature, by another library than the signer's. */
function recover({ r, s, yParity }: Signature, digest: string): Buffer {
  const bytes = Buffer.from(`0${yParity}${r.slice(2)}${s.slice(2)}`, "hex");
  const compressed = secp256k1.recoverPublicKey(bytes, Buffer.from(digest.slice(2), "hex"), { prehash: false });
  return Buffer.from(secp256k1.Point.fromBytes(compressed).toBytes(false));
}

test("its address is that of the key's public half", async () => {
  const address = keccak(point.subarray(1)).subarray(12).toString("hex");
  assert.equal((await signer.getAddress()).toLowerCase(), `0x${address}`);
});

test("transactions: each signature recovers to the address", async () => {
  const transactions = Array.from({ length: SIGNATURES }, (_, nonce) => ({
    type: 2,
    chainId: CHAIN,
    nonce,
    to: "0x000000000000000000000000000000000000dEaD",
    value: 10n ** 15n,
    gasLimit: 21_000n,
    maxFeePerGas: 2_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
  }));
  const serialized = await Promise.all(transactions.map((transaction) => signer.signTransaction(transaction)));
  for (const [nonce, raw] of serialized.entries()) {
    const signed = Transaction.from(raw);
    assert.equal(signed.nonce, nonce);
    assert.equal(signed.from, signer.address);
    const unsigned = keccak(Buffer.from(signed.unsignedSerialized.slice(2), "hex"));
    assert.deepEqual(recover(signed.signature!, `0x${unsigned.toString("hex")}`), point);
  }
  const legacy = await signer.signTransaction({ type: 0, chainId: CHAIN, nonce: 0, gasLimit: 21_000n, gasPrice: 1n });
  assert.equal(Transaction.from(legacy).from, signer.address);
});

test("messages and typed structures", async () => {
  const message = "I am the owner of this account: ключ";
  const signature = await signer.signMessage(message);
  assert.equal(verifyMessage(message, signature), signer.address);
  assert.deepEqual(recover(Signature.from(signature), hashMessage(message)), point);
  assert.notEqual(verifyMessage(`${message}.`, signature), signer.address);

  const domain = { name: "Exchange", version: "1", chainId: CHAIN };
  const types = {
    Order: [
      { name: "maker", type: "address" },
      { name: "amount", type: "uint256" },
    ],
  };
  const order = { maker: signer.address, amount: 5n };
  const typed = await signer.signTypedData(domain, types, order);
  assert.equal(verifyTypedData(domain, types, order, typed), signer.address);
});

test("authorizations of EIP-7702", async () => {
  const authorization = await signer.authorize({ address: "0x000000000000000000000000000000000000dEaD", nonce: 3n });
  assert.equal(verifyAuthorization(authorization, authorization.signature), signer.address);
});
