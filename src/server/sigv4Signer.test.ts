import assert from "node:assert/strict";
import type { KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import { SignatureV4 } from "@smithy/signature-v4";
import type { HttpRequest } from "@smithy/types";
import fc from "fast-check";
import { Sha256 } from "../../test/sha256.ts";
import { deriveSigningKey } from "../hsm/software/signingKey.ts";
import { AuthenticationError, type SignedRequest, SigV4Verifier } from "./sigv4.ts";

/**
 * The JavaScript SDK signs, we verify: whatever it signs passes, and whatever is changed afterwards does not, unless the
 * change means nothing to HTTP.
 */

const RUNS = 3000;
/** The first runs try every change, byte by byte; the others a third of them, which third being random. */
const THOROUGH_RUNS = 30;
const signedAt = Date.UTC(2026, 10, 22, 10, 15, 0);
const accessKeys = new Map([
  ["AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
  ["AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"],
]);

interface Unsigned {
  method: string;
  segments: string[];
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  target: string | undefined;
  token: string | undefined;
  body: Uint8Array;
  presigned: boolean;
  contentHash: boolean;
  expires: number;
}

/** Mostly ASCII, some of the rest of Unicode, no halves of surrogate pairs: they have no UTF-8. */
const character = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 0x7f }) },
  { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0xd7ff }) },
  { weight: 1, arbitrary: fc.integer({ min: 0xe000, max: 0x10ffff }) },
);
const text = (maxLength: number) => fc.string({ unit: character.map((c) => String.fromCodePoint(c)), maxLength });
const headerValue = text(24).map((value) => value.replace(/\p{Cc}/gu, " "));

const unsigned: fc.Arbitrary<Unsigned> = fc.record({
  method: fc.constantFrom("POST", "GET", "PUT", "DELETE"),
  segments: fc.oneof(
    fc.constant<string[]>([]),
    fc.array(fc.oneof(text(8), fc.constantFrom("", ".", "..", "a b", "%2F", "arn:aws:kms")), { maxLength: 6 }),
  ),
  query: fc.oneof(
    fc.constant<Record<string, string>>({}),
    fc.dictionary(text(8), fc.oneof(text(12), fc.array(text(4), { minLength: 1, maxLength: 3 })), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
  headers: fc.dictionary(fc.stringMatching(/^(x-test|x-amz-meta|amz-sdk)-[a-z0-9]{1,8}$/), headerValue, { maxKeys: 6 }),
  target: fc.option(fc.constantFrom("TrentService.Encrypt", "TrentService.Decrypt"), { nil: undefined }),
  token: fc.option(fc.base64String({ minLength: 16, maxLength: 200 }), { nil: undefined }),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.json().map((json) => Buffer.from(json)),
  ),
  presigned: fc.boolean(),
  contentHash: fc.boolean(),
  expires: fc.integer({ min: 1, max: 604_800 }),
});

const encode = (value: string) =>
  encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

/** As node's HTTP client and server would carry it: text as UTF-8 bytes, each of them one latin1 character. */
function onTheWire(request: HttpRequest): SignedRequest {
  const pairs = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    [value ?? ""].flat().map((one) => `${encode(name)}=${encode(one)}`),
  );
  const rawHeaders = Object.entries(request.headers).flatMap(([name, value]) => [
    name,
    Buffer.from(value, "utf8").toString("latin1"),
  ]);
  const url = request.path + (pairs.length > 0 ? `?${pairs.join("&")}` : "");
  return { method: request.method, url, rawHeaders, body: Buffer.from(request.body) };
}

async function sign(plan: Unsigned): Promise<SignedRequest> {
  const [accessKeyId, secretAccessKey] = [...accessKeys][0]!;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, sessionToken: plan.token },
    region: "us-east-1",
    service: "kms",
    sha256: Sha256,
    applyChecksum: plan.contentHash,
  });
  const request: HttpRequest = {
    method: plan.method,
    protocol: "https:",
    hostname: "kms.example.com",
    path: `/${plan.segments.map((s) => (/^\.{0,2}$/.test(s) ? s : encode(s))).join("/")}`,
    query: plan.query,
    headers: {
      host: "kms.example.com:8443",
      "content-type": "application/x-amz-json-1.1",
      ...plan.headers,
      ...(plan.target === undefined ? {} : { "x-amz-target": plan.target }),
    },
    body: plan.body,
  };
  const signingDate = new Date(signedAt);
  const signed = plan.presigned
    ? await signer.presign(request, { signingDate, expiresIn: plan.expires })
    : await signer.sign(request, { signingDate });
  return onTheWire({ ...signed, headers: { ...signed.headers, "User-Agent": "test/1", Connection: "keep-alive" } });
}

const signingKeys = new Map<string, KeyObject>();

function signingKey(secret: string, ...scope: [date: string, region: string, service: string]): KeyObject {
  const name = [secret, ...scope].join();
  const key = signingKeys.get(name) ?? deriveSigningKey(secret, ...scope);
  signingKeys.set(name, key);
  return key;
}

function verifier(now = signedAt, secrets: ReadonlyMap<string, string> = accessKeys): SigV4Verifier<string> {
  const entries = new Map(
    [...secrets].map(([id, secret]) => [id, { identity: id, signingKey: signingKey.bind(undefined, secret) }]),
  );
  return new SigV4Verifier({
    services: ["kms", "sts"],
    regions: (region) => region === "us-east-1" || region === "eu-west-1",
    keys: { find: (id) => entries.get(id) },
    now: () => now,
  });
}

const changed = (character: string | undefined) => (character === "a" ? "b" : "a");
const replaceAt = (value: string, at: number) => value.slice(0, at) + changed(value[at]) + value.slice(at + 1);

function signedNames({ url, rawHeaders }: SignedRequest): string[] {
  const list = /X-Amz-SignedHeaders=([^&]*)/.exec(url)?.[1] ?? /SignedHeaders=([^,]*)/.exec(rawHeaders.join())?.[1];
  return decodeURIComponent(list!).split(";");
}

/** Every one of these must be refused. `everyByte` changes each byte of each signed header, else one picked by `pick`. */
function* forgeries(request: SignedRequest, plan: Unsigned, pick: number, everyByte: boolean) {
  const { method, url, rawHeaders, body } = request;
  const names = signedNames(request);
  const withHeaders = (headers: readonly string[]): SignedRequest => ({ ...request, rawHeaders: headers });
  yield ["method", { ...request, method: method === "POST" ? "PUT" : "POST" }] as const;
  yield ["method case", { ...request, method: method.toLowerCase() }] as const;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name, value] = [rawHeaders[i]!, rawHeaders[i + 1]!];
    if (!names.includes(name.toLowerCase())) continue;
    const first = everyByte ? 0 : pick % (value.length + 1);
    for (let at = first; at < (everyByte ? value.length + 1 : first + 1); at++) {
      yield [`${name} byte ${at}`, withHeaders(rawHeaders.with(i + 1, replaceAt(value, at)))] as const;
    }
    yield [`${name} removed`, withHeaders(rawHeaders.toSpliced(i, 2))] as const;
    yield [`${name} doubled`, withHeaders([...rawHeaders, name, value])] as const;
    yield [`${name} renamed`, withHeaders(rawHeaders.with(i, `${name}a`))] as const;
  }
  yield ["x-amz- header added", withHeaders([...rawHeaders, "X-Amz-Unsigned", "1"])] as const;
  yield ["token added", withHeaders([...rawHeaders, "X-Amz-Security-Token", "abc"])] as const;
  yield ["body longer", { ...request, body: Buffer.concat([body, Buffer.from(" ")]) }] as const;
  if (body.length > 0) {
    const flipped = Buffer.from(body);
    flipped[pick % body.length]! ^= 1 << (pick % 8);
    yield ["body bit", { ...request, body: flipped }] as const;
    yield ["body shorter", { ...request, body: body.subarray(1) }] as const;
  }
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const pairs = mark < 0 ? [] : url.slice(mark + 1).split("&");
  const withQuery = (...parts: string[]): SignedRequest => ({ ...request, url: `${path}?${parts.join("&")}` });
  yield ["path", { ...request, url: `${path}x${url.slice(path.length)}` }] as const;
  yield ["query parameter added", withQuery(...pairs, "a=b")] as const;
  yield ["empty query parameter added", withQuery(...pairs, "a")] as const;
  yield ["lower-case signature parameter added", withQuery(...pairs, "x-amz-signature=a")] as const;
  for (const [i, pair] of pairs.entries()) {
    yield [`${pair} removed`, withQuery(...pairs.toSpliced(i, 1))] as const;
    yield [`${pair} doubled`, withQuery(...pairs, pair)] as const;
    yield [`${pair} value`, withQuery(...pairs.with(i, `${pair}1`))] as const;
    yield [`${pair} name`, withQuery(...pairs.with(i, `1${pair}`))] as const;
  }
  const authentication = (from: RegExp, to: string | ((found: string) => string)): SignedRequest => {
    const substitute = (part: string) => part.replace(from, to as string);
    if (plan.presigned) return { ...request, url: substitute(url) };
    const at = rawHeaders.findIndex((name) => name.toLowerCase() === "authorization") + 1;
    return withHeaders(rawHeaders.with(at, substitute(rawHeaders[at]!)));
  };
  const slash = plan.presigned ? "%2F" : "/";
  const separator = plan.presigned ? "%3B" : ";";
  yield ["other key", authentication(/AKIAIOSFODNN7EXAMPLE/, "AKIAI44QH8DHBEXAMPLE")] as const;
  yield ["unknown key", authentication(/AKIAIOSFODNN7EXAMPLE/, "AKIAIOSFODNN7EXAMPLF")] as const;
  yield ["scope date", authentication(/20261122/, "20261121")] as const;
  yield ["scope region, allowed", authentication(/us-east-1/, "eu-west-1")] as const;
  yield ["scope region", authentication(/us-east-1/, "us-east-2")] as const;
  yield ["scope service, allowed", authentication(new RegExp(`kms${slash}aws4`), `sts${slash}aws4`)] as const;
  yield ["scope service", authentication(new RegExp(`kms${slash}aws4`), `s3${slash}aws4`)] as const;
  yield ["terminator", authentication(/aws4_request/, "aws5_request")] as const;
  yield ["scope part added", authentication(/aws4_request/, `aws4_request${slash}`)] as const;
  yield ["algorithm", authentication(/AWS4-HMAC-SHA256/, "AWS4-HMAC-SHA512")] as const;
  yield ["no algorithm", authentication(/AWS4-HMAC-SHA256/, "")] as const;
  yield ["signed headers, one less", authentication(/(SignedHeaders=)[a-z0-9-]+(%3B|;|)/, "$1")] as const;
  yield ["signed headers, one more", authentication(/(SignedHeaders=[^&,]*)/, `$1${separator}zzz`)] as const;
  yield ["signed headers, upper case", authentication(/([;=B])host/, "$1Host")] as const;
  if (names.length > 1) {
    const reversed = names.toReversed().join(separator);
    yield ["signed headers, order", authentication(/(SignedHeaders=)[^&,]*/, `$1${reversed}`)] as const;
  }
  const signature = /Signature=([0-9a-f]{64})/;
  const digit = "Signature=".length + (pick % 64);
  yield ["signature digit", authentication(signature, (found) => replaceAt(found, digit))] as const;
  yield ["signature shorter", authentication(/(Signature=[0-9a-f]{63})./, "$1")] as const;
  yield ["signature longer", authentication(signature, "Signature=$10")] as const;
  yield ["signature empty", authentication(signature, "Signature=")] as const;
  yield ["signature not ASCII", authentication(/(Signature=[0-9a-f]{63})./, "$1\u0161")] as const;
}

/** What a proxy or another client may write differently without any difference in meaning. */
function* equivalents({ ...request }: SignedRequest, plan: Unsigned) {
  const { url, rawHeaders } = request;
  const headers = (change: (name: string, value: string) => [string, string]): SignedRequest => ({
    ...request,
    rawHeaders: rawHeaders.flatMap((name, i) => (i % 2 === 0 ? change(name, rawHeaders[i + 1]!) : [])),
  });
  yield ["header names in upper case", headers((name, value) => [name.toUpperCase(), value])] as const;
  yield [
    "spaces around and doubled",
    headers((name, value) => (/^auth/i.test(name) ? [name, value] : [name, pad(name, value)])),
  ] as const;
  yield ["unsigned header added", { ...request, rawHeaders: [...rawHeaders, "Via", "1.1 proxy"] }] as const;
  yield ["unsigned header gone", { ...request, rawHeaders: rawHeaders.slice(0, -2) }] as const;
  const pairs = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1]!]] : []));
  yield ["headers in another order", { ...request, rawHeaders: pairs.toReversed().flat() }] as const;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark);
  yield ["path with dot segment", { ...request, url: `/.${path}${query}` }] as const;
  yield ["path with double slash", { ...request, url: `/${path}${query}` }] as const;
  yield ["path with a detour", { ...request, url: `/x/..${path}${query}` }] as const;
  const reversed = query.slice(1).split("&").toReversed().join("&");
  yield ["query in another order", { ...request, url: `${path}?${reversed}` }] as const;
  yield ["query with empty parts", { ...request, url: `${path}?&&${query.slice(1)}&` }] as const;
  yield ["lower-case escapes", { ...request, url: path + query.replace(/%../g, (e) => e.toLowerCase()) }] as const;
  yield ["escaped letters", { ...request, url: path + query.replace(/(?<!%|%[0-9A-F])A/g, "%41") }] as const;
  yield ["space as plus", { ...request, url: path + query.replace(/%20/g, "+") }] as const;
  if (!plan.presigned) {
    const at = rawHeaders.findIndex((name) => /^authorization$/i.test(name)) + 1;
    const [algorithm, ...parts] = rawHeaders[at]!.split(/,? /);
    const rearranged = `${algorithm} ${parts.toReversed().join(",")}`;
    yield ["authorization rearranged", { ...request, rawHeaders: rawHeaders.with(at, rearranged) }] as const;
  }
}

/** A date or token with a space in it would be another one, and the hash of the body is compared as it is. */
const pad = (name: string, value: string) =>
  /^x-amz-(date|security-token|content-sha256)$/.test(name) ? value : ` \t${value.replace(/ /g, " \t ")}  `;

function refused(name: string, verify: () => unknown): void {
  try {
    verify();
  } catch (error) {
    assert.ok(error instanceof AuthenticationError, `${name}: ${error}`);
    return;
  }
  assert.fail(`accepted although changed: ${name}`);
}

describe("what the JavaScript SDK signs", () => {
  it(`passes ${RUNS} times, and nothing forged does`, async () => {
    let runs = 0;
    let forged = 0;
    const shared = verifier();
    await fc.assert(
      fc.asyncProperty(unsigned, fc.nat(), async (plan, pick) => {
        const request = await sign(plan);
        const verified = shared.verify(request);
        assert.ok(!(verified instanceof Promise));
        assert.equal(verified.identity, "AKIAIOSFODNN7EXAMPLE");
        assert.equal(verified.sessionToken, plan.token);
        assert.deepEqual(shared.verify(request), verified);
        const thorough = runs++ < THOROUGH_RUNS;
        let kind = pick;
        for (const [name, forgery] of forgeries(request, plan, pick, thorough)) {
          if (kind++ % 3 !== 0 && !thorough) continue;
          refused(name, () => shared.verify(forgery));
          if (thorough) refused(name, () => verifier().verify(forgery));
          forged++;
        }
        for (const [name, same] of equivalents(request, plan)) {
          if (kind++ % 3 !== 0 && !thorough) continue;
          assert.doesNotThrow(() => shared.verify(same), name);
        }
        const life = plan.presigned ? plan.expires : 300;
        for (const seconds of [-300, life]) verifier(signedAt + seconds * 1000).verify(request);
        for (const seconds of [-301, life + 1]) {
          refused(`${seconds} s later`, () => verifier(signedAt + seconds * 1000).verify(request));
        }
        const otherSecret = new Map([["AKIAIOSFODNN7EXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"]]);
        refused("other secret", () => verifier(signedAt, otherSecret).verify(request));
        assert.deepEqual(shared.verify(request), verified);
      }),
      { numRuns: RUNS },
    );
    assert.ok(forged > RUNS * 15, `${forged} forgeries`);
  });
});
