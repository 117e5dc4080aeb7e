import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/** 32 MiB and about a tenth of a second: OWASP, "Password Storage Cheat Sheet", second of its equals for scrypt. */
const COST = { log2N: 15, r: 8, p: 3 };
const LENGTH = 32;

/** scrypt (RFC 7914) with a salt of its own, off this thread: `scrypt$LOG2N$R$P$SALT$HASH`, the last two in base 64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const { log2N, r, p } = COST;
  const hash = await derive(password, salt, COST);
  return ["scrypt", log2N, r, p, salt.toString("base64"), hash.toString("base64")].join("$");
}

/** Is it the password of which {@link hashPassword} made this? */
export async function isPassword(password: string, hashed: string): Promise<boolean> {
  const [, log2N, r, p, salt = "", hash = ""] = hashed.split("$");
  const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const derived = await derive(password, Buffer.from(salt, "base64"), cost);
  return timingSafeEqual(derived, Buffer.from(hash, "base64"));
}

function derive(password: string, salt: Buffer, { log2N, r, p }: typeof COST): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** log2N, r, p, maxmem: 2 ** log2N * r * 256 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, LENGTH, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
