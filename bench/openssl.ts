import * as crypto from "node:crypto";
import { performance } from "node:perf_hooks";

/**
 * How often OpenSSL does one operation in a second, on one thread and through Node.js's synchronous functions: what is
 * left when a key management service is taken away. Started by keyPairs.ts with the operation's name and the seconds;
 * prints the number.
 */
const message = Buffer.alloc(32, 7);
const ec = (namedCurve: string) => crypto.generateKeyPairSync("ec", { namedCurve });
const rsa = (modulusLength: number) => crypto.generateKeyPairSync("rsa", { modulusLength });
const pss = { padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

function signing(
  { privateKey, publicKey }: { privateKey: crypto.KeyObject; publicKey: crypto.KeyObject },
  hash: string | null,
  how: object = {},
): { sign: () => void; verify: () => void } {
  const signature = crypto.sign(hash, message, { key: privateKey, ...how });
  return {
    sign: () => crypto.sign(hash, message, { key: privateKey, ...how }),
    verify: () => crypto.verify(hash, message, { key: publicKey, ...how }, signature),
  };
}

const operations: Record<string, () => () => void> = {
  "Sign RSA_2048": () => signing(rsa(2048), "sha256", pss).sign,
  "Verify RSA_2048": () => signing(rsa(2048), "sha256", pss).verify,
  "Sign RSA_4096": () => signing(rsa(4096), "sha256", pss).sign,
  "Sign ECC_NIST_P256": () => signing(ec("prime256v1"), "sha256").sign,
  "Verify ECC_NIST_P256": () => signing(ec("prime256v1"), "sha256").verify,
  "Sign ECC_SECG_P256K1": () => signing(ec("secp256k1"), "sha256").sign,
  "Sign ECC_NIST_EDWARDS25519": () => signing(crypto.generateKeyPairSync("ed25519"), null).sign,
  "Verify ECC_NIST_EDWARDS25519": () => signing(crypto.generateKeyPairSync("ed25519"), null).verify,
  "Sign ML_DSA_65": () => signing(crypto.generateKeyPairSync("ml-dsa-65"), null).sign,
  "Verify ML_DSA_65": () => signing(crypto.generateKeyPairSync("ml-dsa-65"), null).verify,
  "GenerateMac HMAC_256": () => {
    const key = crypto.createSecretKey(crypto.randomBytes(32));
    return () => crypto.createHmac("sha256", key).update(message).digest();
  },
  "Encapsulate ML_KEM_768": () => {
    const { publicKey } = crypto.generateKeyPairSync("ml-kem-768");
    return () => crypto.encapsulate(publicKey);
  },
  "Decapsulate ML_KEM_768": () => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ml-kem-768");
    const { ciphertext } = crypto.encapsulate(publicKey);
    return () => crypto.decapsulate(privateKey, ciphertext);
  },
};

const [name = "", seconds = "1"] = process.argv.slice(2);
const operation = operations[name]?.();
if (operation === undefined) throw new Error(`no operation ${name}; there are ${Object.keys(operations).join(", ")}`);
rate(operation, 0.2);
process.stdout.write(String(rate(operation, Number(seconds))));

function rate(operation: () => void, seconds: number): number {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < seconds * 1000) {
    for (let i = 0; i < 8; i++) operation();
    count += 8;
  }
  return count / ((performance.now() - started) / 1000);
}
