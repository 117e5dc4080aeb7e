import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inflateSync } from "node:zlib";
import * as iam from "@aws-sdk/client-iam";
import { GetSessionTokenCommand, STSClient } from "@aws-sdk/client-sts";
import decodeQR from "qr/decode.js";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { type Authenticator, accessKey, enabledDevice, iamClient, newDevice } from "./client.ts";

let server: TestServer;
let root: iam.IAMClient;

before(async () => {
  server = await startTestServer();
  root = iamClient(server);
});

after(async () => {
  root.destroy();
  await server.stop();
});

const user = (UserName: string) => root.send(new iam.CreateUserCommand({ UserName }));
const serial = (name: string) => `arn:aws:iam::000000000000:mfa/${name}`;
const noSuch = (message: string) => ({ name: "NoSuchEntityException", message, status: 404 });
const badCode = {
  name: "InvalidAuthenticationCodeException",
  message: "Authentication code for device is not valid.",
  status: 403,
};

function enable(UserName: string, { serialNumber }: Authenticator, codes: [string, string]) {
  const [AuthenticationCode1, AuthenticationCode2] = codes;
  return root.send(
    new iam.EnableMFADeviceCommand({ UserName, SerialNumber: serialNumber, AuthenticationCode1, AuthenticationCode2 }),
  );
}

/** Asks for a session with a code, as the user of this key. */
async function session(credentials: TestServer["credentials"], SerialNumber: string, TokenCode: string) {
  const sts = new STSClient({ endpoint: server.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  try {
    return await sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode }));
  } finally {
    sts.destroy();
  }
}

const wrongCode = {
  name: "AccessDenied",
  message: "MultiFactorAuthentication failed with invalid MFA one time pass code.",
  status: 403,
};

test("a device from its creation to its end", async () => {
  await user("holder");
  const UserName = "holder";
  const { VirtualMFADevice: made } = await root.send(
    new iam.CreateVirtualMFADeviceCommand({
      Path: "//double//",
      VirtualMFADeviceName: "x",
      Tags: [{ Key: "a", Value: "" }],
    }),
  );
  const SerialNumber = made?.SerialNumber ?? "";
  assert.equal(SerialNumber, serial("/double//x"));
  assert.deepEqual(made?.Tags, [{ Key: "a", Value: "" }]);
  const seed = Buffer.from(made?.Base32StringSeed ?? []).toString();
  assert.match(seed, /^[A-Z2-7]{32,64}$/);
  const again = new iam.CreateVirtualMFADeviceCommand({ Path: "//double//", VirtualMFADeviceName: "x" });
  assert.deepEqual(await failure(root.send(again)), {
    name: "EntityAlreadyExistsException",
    message: "MFA device already exists.",
    status: 409,
  });
  const device = await newDevice(root, "phone");
  assert.deepEqual(await failure(enable(UserName, device, ["000000", "000000"])), badCode);
  assert.deepEqual(await failure(enable(UserName, device, [device.code(), device.code()])), badCode);
  assert.deepEqual(await failure(enable(UserName, device, [device.code(), device.code(2)])), badCode);
  assert.deepEqual(await failure(enable(UserName, device, [device.code(-100), device.code(-99)])), badCode);
  await enable(UserName, device, [device.code(-1), device.code()]);
  assert.deepEqual(await failure(enable(UserName, device, [device.code(), device.code(1)])), {
    name: "EntityAlreadyExistsException",
    message: "MFA Device is already in use.",
    status: 409,
  });
  const { MFADevices, IsTruncated } = await root.send(new iam.ListMFADevicesCommand({ UserName }));
  const EnableDate = MFADevices?.[0]?.EnableDate;
  assert.deepEqual([MFADevices, IsTruncated], [[{ UserName, SerialNumber: device.serialNumber, EnableDate }], false]);
  const { $metadata: _, ...read } = await root.send(
    new iam.GetMFADeviceCommand({ UserName, SerialNumber: device.serialNumber }),
  );
  assert.deepEqual(read, { UserName, SerialNumber: device.serialNumber, EnableDate });

  const remove = () => root.send(new iam.DeleteVirtualMFADeviceCommand({ SerialNumber: device.serialNumber }));
  assert.deepEqual(await failure(remove()), {
    name: "DeleteConflictException",
    message: "MFA VirtualDevice in use. Must deactivate first.",
    status: 409,
  });
  const deactivate = new iam.DeactivateMFADeviceCommand({ UserName, SerialNumber: device.serialNumber });
  await root.send(deactivate);
  assert.deepEqual(await failure(root.send(deactivate)), noSuch("MFA Device invalid for user."));
  await remove();
  assert.deepEqual(
    await failure(remove()),
    noSuch(`MFA Device with serial number ${device.serialNumber} does not exist.`),
  );
});

test("the QR code says what authenticators read", async () => {
  await root.send(new iam.CreateAccountAliasCommand({ AccountAlias: "strongroom-test" }));
  const { VirtualMFADevice } = await root.send(
    new iam.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: "qr+,@" }),
  );
  const seed = Buffer.from(VirtualMFADevice?.Base32StringSeed ?? []).toString();
  assert.equal(
    decodeQR(pixels(Buffer.from(VirtualMFADevice?.QRCodePNG ?? []))),
    `otpauth://totp/qr%2B%2C%40@strongroom-test?secret=${seed}`,
  );
  await root.send(new iam.DeleteAccountAliasCommand({ AccountAlias: "strongroom-test" }));
});

/** Reads a PNG of one bit a pixel. */
function pixels(png: Buffer): { width: number; height: number; data: Uint8Array } {
  assert.equal(png.toString("latin1", 0, 8), "\x89PNG\r\n\x1a\n");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const at = png.indexOf("IDAT");
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  const stride = 1 + Math.ceil(width / 8);
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = ((rows[y * stride + 1 + (x >> 3)] as number) >> (7 - (x & 7))) & 1;
      data.fill(light * 255, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { width, height, data };
}

test("each code is good once, about its time, for its holder", async () => {
  await user("coder");
  await user("bystander");
  const coder = await accessKey(root, "coder");
  const device = await enabledDevice(root, "coder");
  // The codes by which it was enabled are spent.
  assert.deepEqual(await failure(session(coder, device.serialNumber, device.code())), wrongCode);
  const next = device.code(1);
  const both = await Promise.allSettled([
    session(coder, device.serialNumber, next),
    session(coder, device.serialNumber, next),
  ]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.deepEqual(await failure(session(coder, device.serialNumber, next)), wrongCode);
  assert.deepEqual(await failure(session(coder, device.serialNumber, device.code(10))), wrongCode);
  const others = await failure(session(await accessKey(root, "bystander"), device.serialNumber, device.code(1)));
  assert.equal(
    others.message,
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
  );
});

test("guessing ends after ten, for a minute", async () => {
  const own = await startTestServer();
  const admin = iamClient(own);
  await admin.send(new iam.CreateUserCommand({ UserName: "guessed" }));
  const device = await enabledDevice(admin, "guessed");
  const credentials = await accessKey(admin, "guessed");
  const sts = new STSClient({ endpoint: own.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  const guess = (TokenCode: string) =>
    sts.send(new GetSessionTokenCommand({ SerialNumber: device.serialNumber, TokenCode }));
  const tries = await Promise.all(Array.from({ length: 10 }, () => failure(guess(device.code(50)))));
  assert.deepEqual(tries, Array(10).fill(wrongCode));
  assert.deepEqual(await failure(guess(device.code(1))), wrongCode);
  own.moveClock(60_000);
  await guess(device.code(2));
  sts.destroy();
  admin.destroy();
  await own.stop();
});

test("a device whose clock goes astray", async () => {
  const astray = await startTestServer();
  const admin = iamClient(astray);
  await admin.send(new iam.CreateUserCommand({ UserName: "late" }));
  const device = await enabledDevice(admin, "late");
  const credentials = await accessKey(admin, "late");
  const sts = new STSClient({ endpoint: astray.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  const token = (TokenCode: string) =>
    sts.send(new GetSessionTokenCommand({ SerialNumber: device.serialNumber, TokenCode }));
  const resync = (AuthenticationCode1: string, AuthenticationCode2: string) =>
    admin.send(
      new iam.ResyncMFADeviceCommand({
        UserName: "late",
        SerialNumber: device.serialNumber,
        AuthenticationCode1,
        AuthenticationCode2,
      }),
    );
  assert.deepEqual(await failure(token(device.code(12))), wrongCode);
  assert.deepEqual(await failure(resync(device.code(10), device.code(12))), badCode);
  assert.deepEqual(await failure(resync(device.code(100), device.code(101))), badCode);
  await resync(device.code(10), device.code(11));
  assert.deepEqual(await failure(resync(device.code(10), device.code(11))), badCode);
  await token(device.code(12));
  sts.destroy();
  admin.destroy();
  await astray.stop();
});

test("eight devices are enough", async () => {
  await user("many");
  for (let n = 0; n < 8; n++) {
    const device = await newDevice(root, `many${n}`);
    await enable("many", device, [device.code(-1), device.code()]);
  }
  const ninth = await newDevice(root, "many8");
  assert.deepEqual(await failure(enable("many", ninth, [ninth.code(-1), ninth.code()])), {
    name: "LimitExceededException",
    message: "Cannot exceed quota for MfaDevicesPerUser: 8",
    status: 409,
  });
});

test("virtual devices in a list, with whose they are and without their seeds", async () => {
  const own = await startTestServer();
  const admin = iamClient(own);
  await admin.send(new iam.CreateUserCommand({ UserName: "owner", Tags: [{ Key: "a", Value: "b" }] }));
  const device = await enabledDevice(admin, "owner");
  const free = await newDevice(admin, "free");
  const rootDevice = await newDevice(admin, "root-account-mfa-device");
  await admin.send(
    new iam.EnableMFADeviceCommand({
      UserName: "root",
      SerialNumber: rootDevice.serialNumber,
      AuthenticationCode1: rootDevice.code(-1),
      AuthenticationCode2: rootDevice.code(),
    }),
  );
  const list = async (AssignmentStatus?: iam.AssignmentStatusType) =>
    (await admin.send(new iam.ListVirtualMFADevicesCommand({ AssignmentStatus }))).VirtualMFADevices ?? [];
  const assigned = await list("Assigned");
  assert.deepEqual(
    assigned.map(({ SerialNumber, User }) => [SerialNumber, User?.UserName, User?.Arn, User?.Tags]),
    [
      [device.serialNumber, "owner", "arn:aws:iam::000000000000:user/owner", undefined],
      [rootDevice.serialNumber, undefined, "arn:aws:iam::000000000000:root", undefined],
    ],
  );
  assert.deepEqual(await list("Unassigned"), [{ SerialNumber: free.serialNumber }]);
  const all = await list();
  assert.equal(all.length, 3);
  for (const { Base32StringSeed, QRCodePNG } of all)
    assert.deepEqual([Base32StringSeed, QRCodePNG], [undefined, undefined]);
  const summary = (await admin.send(new iam.GetAccountSummaryCommand({}))).SummaryMap;
  assert.deepEqual([summary?.MFADevices, summary?.MFADevicesInUse, summary?.AccountMFAEnabled], [3, 2, 1]);
  await admin.send(new iam.DeactivateMFADeviceCommand({ SerialNumber: rootDevice.serialNumber }));
  admin.destroy();
  await own.stop();
});

test("tags of a device differ by case", async () => {
  const { serialNumber: SerialNumber } = await newDevice(root, "tagged");
  const tag = (...Tags: iam.Tag[]) => root.send(new iam.TagMFADeviceCommand({ SerialNumber, Tags }));
  await tag({ Key: "team", Value: "1" }, { Key: "Team", Value: "2" });
  assert.deepEqual(await failure(tag({ Key: "a", Value: "" }, { Key: "a", Value: "" })), {
    name: "InvalidInputException",
    message: "Duplicate tag keys found.",
    status: 400,
  });
  await root.send(new iam.UntagMFADeviceCommand({ SerialNumber, TagKeys: ["team"] }));
  const { Tags } = await root.send(new iam.ListMFADeviceTagsCommand({ SerialNumber }));
  assert.deepEqual(Tags, [{ Key: "Team", Value: "2" }]);
  assert.deepEqual(
    await failure(root.send(new iam.ListMFADeviceTagsCommand({ SerialNumber: serial("absent") }))),
    noSuch(`MFA Device with serial number ${serial("absent")} does not exist.`),
  );
});
