import * as iam from "@aws-sdk/client-iam";
import { hotp } from "../../src/hsm/software/hotp.ts";
import type { TestServer } from "../harness.ts";

/** A client of IAM that does not try again. @param credentials the root's when absent */
export function iamClient(server: TestServer, credentials = server.credentials): iam.IAMClient {
  return new iam.IAMClient({ endpoint: server.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
}

/** A new access key of a user, as clients take it. */
export async function accessKey(client: iam.IAMClient, UserName: string) {
  const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}

/** A virtual MFA device as its holder has it. */
export interface Authenticator {
  readonly serialNumber: string;
  /** the code that it shows now, or so many codes later */
  code(later?: number): string;
}

export async function newDevice(
  client: iam.IAMClient,
  VirtualMFADeviceName: string,
  now = stopped(),
): Promise<Authenticator> {
  const { VirtualMFADevice } = await client.send(new iam.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName }));
  const seed = decodeBase32(Buffer.from(VirtualMFADevice?.Base32StringSeed ?? []).toString());
  return {
    serialNumber: VirtualMFADevice?.SerialNumber ?? "",
    code: (later = 0) => hotp(seed, Math.floor(now() / 30_000) + later),
  };
}

/** A device of a user that is in use; the codes of now and before are spent. */
export async function enabledDevice(client: iam.IAMClient, UserName: string, now = stopped()): Promise<Authenticator> {
  const device = await newDevice(client, `${UserName}-device`, now);
  await client.send(
    new iam.EnableMFADeviceCommand({
      UserName,
      SerialNumber: device.serialNumber,
      AuthenticationCode1: device.code(-1),
      AuthenticationCode2: device.code(),
    }),
  );
  return device;
}

/** A clock that stands still, so that a test's codes are of one moment whenever the half minute passes. */
function stopped(): () => number {
  const at = Date.now();
  return () => at;
}

function decodeBase32(text: string): Buffer {
  const bits = [...text]
    .map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
