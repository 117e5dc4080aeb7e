import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { operations } from "../../src/kms/operations/index.ts";
import { startTestServer, type TestServer } from "../harness.ts";

/** From this version on it knows RotateKeyOnDemand. */
const OLDEST = [1, 34, 83] as const;
const skip = whyNot();
const driver = fileURLToPath(new URL("boto3_driver.py", import.meta.url));
let server: TestServer;
let seen: {
  driven: string[];
  errors: Record<string, string>;
  pages: { keys: number; aliases: string[] };
  known: string[];
};

function whyNot(): string | false {
  const { status, stdout } = spawnSync("python3", ["-c", "import boto3; print(boto3.__version__)"], {
    encoding: "utf8",
  });
  if (status !== 0) return "there is no python3 with boto3 (pip install boto3)";
  const version = stdout.trim().split(".").map(Number);
  const differs = OLDEST.findIndex((number, i) => number !== version[i]);
  if (differs === -1 || version[differs]! > OLDEST[differs]!) return false;
  return `boto3 ${stdout.trim()} is too old: ${OLDEST.join(".")} is needed`;
}

before(async () => {
  if (skip) return;
  server = await startTestServer();
  const mine = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  const { stdout } = await promisify(execFile)("python3", [driver], {
    env: {
      ...Object.fromEntries(mine),
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_SHARED_CREDENTIALS_FILE: join(server.data, "credentials"),
      AWS_CONFIG_FILE: join(server.data, "no-config"),
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      PYTHONDONTWRITEBYTECODE: "1",
    },
    timeout: 120_000,
  });
  seen = JSON.parse(stdout);
});
after(() => server?.stop());

test("boto3 drives every operation", { skip }, () => {
  // Those that this boto3 is old enough not to know are driven by the SDK for JavaScript.
  const known = operations.map(({ name }) => name).filter((name) => seen.known.includes(name));
  assert.deepEqual(seen.driven, known.sort());
  assert.ok(known.length >= operations.length - 3, `${known}`);
});

test("boto3's paginators walk the lists to their end", { skip }, async () => {
  const { keys, aliases } = seen.pages;
  const where = ["000000000000", "eu-west-3"] as const;
  const page = { after: undefined, limit: 100 };
  assert.equal((await server.service.kms.store.keyIds(...where, page)).length, keys);
  const stored = (await server.service.kms.store.aliases(...where, undefined, page)).map(({ name }) => name);
  assert.equal(stored.length, 5);
  assert.deepEqual(
    aliases.filter((name) => !name.startsWith("alias/aws/")),
    stored,
  );
});

test("boto3 raises the modelled classes, and plain ClientErrors for the rest", { skip }, () => {
  assert.deepEqual(seen.errors, {
    "no key": "NotFoundException",
    "bad ARN": "InvalidArnException",
    "bad policy": "MalformedPolicyDocumentException",
    "bad tag": "TagException",
    "long policy": "LimitExceededException",
    "no key store": "CustomKeyStoreNotFoundException",
    "another account": "AccessDeniedException",
    "not valid": "ValidationException",
    "no operation": "UnknownOperationException",
    disabled: "DisabledException",
    "pending deletion": "KMSInvalidStateException",
    "not pending deletion": "KMSInvalidStateException",
    "alias there": "AlreadyExistsException",
    "alias of AWS": "InvalidAliasNameException",
    "no alias": "NotFoundException",
    damaged: "InvalidCiphertextException",
    "wrong context": "InvalidCiphertextException",
    "wrong key": "IncorrectKeyException",
    "wrong algorithm": "InvalidKeyUsageException",
    "not wrapped": "InvalidCiphertextException",
    "no token": "InvalidImportTokenException",
    "pending import": "KMSInvalidStateException",
    replicated: "AlreadyExistsException",
    replica: "UnsupportedOperationException",
    "bad signature": "KMSInvalidSignatureException",
    "wrong usage": "InvalidKeyUsageException",
    "bad MAC": "KMSInvalidMacException",
    "wrong grant token": "InvalidGrantTokenException",
    "dry run": "DryRunOperationException",
    "no grant": "NotFoundException",
    "forged marker": "InvalidMarkerException",
    "wrong secret": "InvalidSignatureException",
    "unknown access key": "UnrecognizedClientException",
    "slow clock": "InvalidSignatureException",
    "fast clock": "InvalidSignatureException",
  });
});
