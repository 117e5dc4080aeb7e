import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { writeSecretFile } from "../hsm/root/secretFile.ts";
import { uniqueId } from "../iam/entities.ts";

/** What a client signs with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Credentials in AWS's own shapes: `AKIA` and 16 letters of base 32; 40 of base 64 (240 random bits). */
export function newCredentials(): Credentials {
  return { accessKeyId: uniqueId("accessKey"), secretAccessKey: randomBytes(30).toString("base64") };
}

/** Credentials chosen by whoever starts the service. @throws Error saying what is wrong with them; never the secret itself */
export function chosenCredentials(accessKeyId: string, secretAccessKey: string): Credentials {
  if (!/^\w{1,128}$/.test(accessKeyId)) {
    throw new Error("the access key id must be 1 to 128 letters, digits or underscores");
  }
  if (!/^[\x21-\x7e]{1,256}$/.test(secretAccessKey)) {
    throw new Error("the secret access key must be 1 to 256 printable ASCII characters without spaces");
  }
  return { accessKeyId, secretAccessKey };
}

/** Writes the profile `default` in AWS's shared-credentials format. */
export function writeCredentials(path: string, { accessKeyId, secretAccessKey }: Credentials): Promise<void> {
  return writeSecretFile(
    path,
    `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
}

/** Reads what {@link writeCredentials} wrote; undefined when there is no such file. */
export async function readCredentials(path: string): Promise<Credentials | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const accessKeyId = /^aws_access_key_id\s*=\s*(\S+)\s*$/m.exec(text)?.[1];
  const secretAccessKey = /^aws_secret_access_key\s*=\s*(\S+)\s*$/m.exec(text)?.[1];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error(
      `${path} is not a credentials file of Strongroom: it has no aws_access_key_id or no aws_secret_access_key`,
    );
  }
  return { accessKeyId, secretAccessKey };
}
