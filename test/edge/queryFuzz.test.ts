import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, test } from "node:test";
import { SignatureV4 } from "@smithy/signature-v4";
import { pino } from "pino";
import { iamOperations } from "../../src/iam/operations/index.ts";
import { loadModel, type Member, type ServiceModel } from "../../src/server/protocol/model.ts";
import { stsOperations, unsignedOperations } from "../../src/sts/operations/index.ts";
import { startTestServer, type TestServer } from "../harness.ts";
import { Sha256 } from "../sha256.ts";

/**
 * Whatever is asked of IAM and STS, in whatever order, they answer with 2xx or 4xx and well-formed XML, and go on. Names are
 * few, so that requests meet what others made. STRONGROOM_FUZZ_SECONDS and STRONGROOM_FUZZ_SEED as in fuzz.test.ts.
 */
const SECONDS = Number(process.env.STRONGROOM_FUZZ_SECONDS ?? 5);
const SEED = Number(process.env.STRONGROOM_FUZZ_SEED ?? randomInt(2 ** 31));
const LANES = 8;
const A = "000000000000";

const services = {
  iam: {
    model: loadModel(new URL("../../models/iam.json", import.meta.url)),
    version: "2010-05-08",
    names: iamOperations.map(({ name }) => name),
  },
  sts: {
    model: loadModel(new URL("../../models/sts.json", import.meta.url)),
    version: "2011-06-15",
    names: [...stsOperations, ...unsignedOperations].map(({ name }) => name),
  },
} as const;

/** Who takes the root's rights, or hides what was made, leaves little to try. */
const SPARED = /^(UpdateAccessKey|DeleteAccessKey)$/;

const allow = (Action: string, Principal?: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, ...(Principal ? { Principal } : { Resource: "*" }) }],
  });
const NAMES = ["a", "b", "A", "c+d=e"];
const WORDS: Readonly<Record<string, readonly string[]>> = {
  Path: ["/", "/x/", "/x//y/"],
  PathPrefix: ["/", "/x"],
  PolicyArn: NAMES.slice(0, 2)
    .map((name) => `arn:aws:iam::${A}:policy/${name}`)
    .concat("arn:aws:iam::aws:policy/ReadOnlyAccess"),
  PermissionsBoundary: [`arn:aws:iam::${A}:policy/a`],
  RoleArn: NAMES.map((name) => `arn:aws:iam::${A}:role/${name}`),
  PolicySourceArn: NAMES.flatMap((name) => [`arn:aws:iam::${A}:user/${name}`, `arn:aws:iam::${A}:role/${name}`]),
  PolicyDocument: [allow("kms:*"), allow("sts:*"), "{}", "{"],
  AssumeRolePolicyDocument: [
    allow("sts:AssumeRole", { AWS: A }),
    allow("sts:AssumeRole", { AWS: `arn:aws:iam::${A}:user/a` }),
    "{}",
  ],
  VersionId: ["v1", "v2"],
  Url: ["https://issuer.example.com", "https://issuer.example.com/x"],
  OpenIDConnectProviderArn: [`arn:aws:iam::${A}:oidc-provider/issuer.example.com`],
  SerialNumber: [`arn:aws:iam::${A}:mfa/a`],
  WebIdentityToken: ["a.b.c", "eyJhbGciOiJub25lIn0.e30.AAAA"],
  ActionNames: ["kms:Decrypt", "*"],
  ResourceArns: ["*", `arn:aws:kms:us-east-1:${A}:key/*`],
};
const STRINGS = ["", "\u0000", "__proto__", "é", "😀", "<&>'\"]]>", "\r\n", "*", "${aws:username}", "a".repeat(3000)];

/** mulberry32 */
function dice(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** Parameters for a place of the model, flat as the protocol has them. */
function parametersOf(model: ServiceModel, member: Member, at: string, below: (bound: number) => number): string[][] {
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  const shape = model.shape(member.target);
  const name = at.split(".").findLast((step) => !/^(?:member|entry|\d+)$/.test(step)) ?? "";
  switch (shape.type) {
    case "structure":
      return Object.entries(shape.members ?? {}).flatMap(([step, inner]) => {
        const required = inner.traits?.["smithy.api#required"] !== undefined;
        if (required ? below(30) === 0 : below(3) > 0) return [];
        return parametersOf(model, inner, at === "" ? step : `${at}.${step}`, below);
      });
    case "list":
      return Array.from({ length: below(3) }, (_, i) =>
        parametersOf(model, shape.member as Member, `${at}.member.${i + 1}`, below),
      ).flat();
    case "map":
      return [
        [`${at}.entry.1.key`, one(NAMES)],
        ...parametersOf(model, shape.value as Member, `${at}.entry.1.value`, below),
      ];
    case "boolean":
      return [[at, one(["true", "false", "x"])]];
    case "integer":
    case "long":
      return [[at, one(["1", "0", "-1", "900", "3600", "99999999999", "x"])]];
    case "enum": {
      const values = Object.values(shape.members ?? {}).map(({ traits }) =>
        String(traits?.["smithy.api#enumValue"] ?? ""),
      );
      return [[at, below(10) === 0 ? one(STRINGS) : one(values)]];
    }
    default:
      return [[at, below(12) === 0 ? one(STRINGS) : one(WORDS[name] ?? NAMES)]];
  }
}

let server: TestServer;
const errors: string[] = [];

before(async () => {
  server = await startTestServer({ log: pino({ level: "error" }, { write: (line: string) => errors.push(line) }) });
});
after(() => server.stop());

/** No parser for XML is at hand: each tag closed by its own, and nothing that XML cannot hold. */
function assertWellFormed(text: string): void {
  const open: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are looked for
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  for (const [, closing, name, , alone] of text.matchAll(/<(\/?)([\w.]+)((?:\s[^<>]*?)?)(\/?)>/g)) {
    if (alone) continue;
    if (closing) assert.equal(open.pop(), name, text.slice(0, 300));
    else open.push(name as string);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(text.replace(/<\/?[\w.]+(?:\s[^<>]*?)?\/?>/g, ""), /[<>]|&(?!(?:amp|lt|gt|quot|apos|#\w+);)/);
}

test(`for ${SECONDS} s`, { timeout: (SECONDS + 60) * 1000 }, async (context) => {
  context.diagnostic(`STRONGROOM_FUZZ_SEED=${SEED}`);
  const until = performance.now() + SECONDS * 1000;
  const statuses = new Map<number, number>();
  const succeeded = new Set<string>();
  const { host, hostname } = new URL(server.endpoint);
  assert.ok(hostname);

  async function request(below: (bound: number) => number): Promise<void> {
    const service = below(5) === 0 ? "sts" : "iam";
    const { model, version, names } = services[service];
    const name = names[below(names.length)] as string;
    if (SPARED.test(name)) return;
    const parameters = parametersOf(model, { target: model.operation(name).input }, "", below);
    const body = new URLSearchParams([["Action", name], ["Version", version], ...parameters]).toString();
    const signer = new SignatureV4({ service, region: "us-east-1", credentials: server.credentials, sha256: Sha256 });
    const { headers } = await signer.sign({
      method: "POST",
      protocol: "http:",
      hostname,
      path: "/",
      query: {},
      headers: { host, "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      body,
    });
    const answer = await fetch(server.endpoint, { method: "POST", headers, body });
    const text = await answer.text();
    const said = `${name} ${body}: ${answer.status} ${text}`;
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    assert.ok(answer.status === 200 || (answer.status >= 400 && answer.status < 500), said);
    assertWellFormed(text);
    const root = answer.status === 200 ? `<${name}Response ` : "<ErrorResponse ";
    assert.ok(text.startsWith(root), said);
    if (answer.status === 200) succeeded.add(name);
    else assert.match(text, /<Code>[A-Za-z]+<\/Code>/, said);
  }

  async function lane(index: number): Promise<void> {
    const below = dice(SEED + index * 7919);
    while (performance.now() < until) await request(below);
  }

  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index))).catch((error) => {
    error.message = `STRONGROOM_FUZZ_SEED=${SEED}\n${error.message}`;
    throw error;
  });
  const told = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${times} × ${status}`);
  context.diagnostic(`${told.join(", ")}; ${succeeded.size} operations succeeded`);
  assert.ok(succeeded.size > 30, `only ${[...succeeded]}`);
  assert.deepEqual(errors, [], `STRONGROOM_FUZZ_SEED=${SEED}`);
});
