import assert from "node:assert/strict";
import { createHmac, hash, type KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import { deriveSigningKey } from "../hsm/software/signingKey.ts";
import { type AccessKeyEntry, AuthenticationError, type SignedRequest, SigV4Verifier, type Verified } from "./sigv4.ts";

const ID = "AKIAIOSFODNN7EXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const NOW = Date.UTC(2026, 10, 22, 10, 21, 0);
const DATE = "20261122T102100Z";
const SCOPE = "20261122/us-east-1/kms/aws4_request";
const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const SIGNATURE = "0123456789abcdef".repeat(4);

function entry(secret = SECRET): AccessKeyEntry<string> {
  const cached = new Map<string, KeyObject>();
  return {
    identity: "alice",
    signingKey(...scope) {
      const key = cached.get(scope.join()) ?? deriveSigningKey(secret, ...scope);
      cached.set(scope.join(), key);
      return key;
    },
  };
}

function verifier(
  find: (id: string) => AccessKeyEntry<string> | undefined | Promise<AccessKeyEntry<string> | undefined> = (id) =>
    id === ID ? entry() : undefined,
  now: () => number = () => NOW,
): SigV4Verifier<string> {
  return new SigV4Verifier({
    services: ["kms"],
    regions: (region) => region === "us-east-1",
    keys: { find },
    now,
  });
}

interface Parts {
  headers?: [string, string][];
  signedHeaders?: string;
  date?: string;
  scope?: string;
  body?: string;
  payloadHash?: string;
  secret?: string;
}

const HEADERS: [string, string][] = [
  ["Host", "localhost:8080"],
  ["X-Amz-Date", DATE],
  ["X-Amz-Target", "TrentService.Encrypt"],
];

/** A request signed by the book, written out again here so that the code under test doesn't vouch for itself. */
function signed(parts: Parts = {}): SignedRequest {
  const { headers = HEADERS, date = DATE, scope = SCOPE, body = "{}", secret = SECRET } = parts;
  const values = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const { signedHeaders = [...values.keys()].sort().join(";"), payloadHash = hash("sha256", body) } = parts;
  const lines = signedHeaders.split(";").map((name) => `${name}:${values.get(name) ?? ""}\n`);
  const canonical = `POST\n/\n\n${lines.join("")}\n${signedHeaders}\n${payloadHash}`;
  const canonicalHash = hash("sha256", Buffer.from(canonical, "latin1"), "hex");
  let key = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  const signature = createHmac("sha256", key)
    .update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${canonicalHash}`)
    .digest("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${ID}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return {
    method: "POST",
    url: "/",
    rawHeaders: [...headers, ["Authorization", authorization]].flat(),
    body: Buffer.from(body),
  };
}

function refusal(run: () => unknown): AuthenticationError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof AuthenticationError, `${error}`);
    return error;
  }
  return assert.fail("accepted");
}

function refuses(request: SignedRequest, code: string, message: string | RegExp, by = verifier()): void {
  const error = refusal(() => by.verify(request));
  assert.equal(error.code, code);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
}

function accepts(request: SignedRequest, by = verifier()): Verified<string> {
  const verified = by.verify(request);
  assert.ok(!(verified instanceof Promise), "answers at once");
  return verified;
}

/** A request with this Authorization header, else as signed. */
function authorized(authorization: string, headers = HEADERS): SignedRequest {
  return { ...signed(), rawHeaders: [...headers, ["Authorization", authorization]].flat() };
}

const presigned = (query: string): SignedRequest => ({
  ...signed(),
  url: `/?${query}`,
  rawHeaders: HEADERS.slice(0, 1).flat(),
});

describe("a signed request", () => {
  it("tells who signed it, and for what", () => {
    const expected = { identity: "alice", accessKeyId: ID, region: "us-east-1", service: "kms" };
    assert.deepEqual(accepts(signed()), expected);
    const withToken = signed({ headers: [...HEADERS, ["X-Amz-Security-Token", "FwoGZXIvYXdzEBY="]] });
    assert.deepEqual(accepts(withToken), { ...expected, sessionToken: "FwoGZXIvYXdzEBY=" });
  });

  it("is hashed as the bytes received", () => {
    const headers: [string, string][] = [...HEADERS, ["X-Amz-Meta-Name", Buffer.from("Zoë ☃").toString("latin1")]];
    accepts(signed({ headers }));
    accepts(signed({ headers: [...HEADERS, ["X-Amz-Meta-Name", "caf\u00e9"]] }));
    const beyond = signed({ headers: [...HEADERS, ["X-Amz-Meta-Name", "\u0161"]] });
    refuses(beyond, "InvalidSignatureException", MISMATCH);
  });

  it("may have its header values folded or spaced otherwise", () => {
    const { rawHeaders, ...rest } = signed({ headers: [...HEADERS, ["X-Amz-Meta-Name", "a b"]] });
    for (const value of ["a\tb", "a  b", " a b", "a b\t"]) {
      accepts({ ...rest, rawHeaders: rawHeaders.with(rawHeaders.indexOf("a b"), value) });
    }
    for (const value of ["ab", "a\u00a0b", "a b,", "a b\u0000"]) {
      const other = { ...rest, rawHeaders: rawHeaders.with(rawHeaders.indexOf("a b"), value) };
      refuses(other, "InvalidSignatureException", MISMATCH);
    }
  });

  it("may be dated by a Date header, in any of its formats, if that is signed", () => {
    for (const date of [DATE, "Sun, 22 Nov 2026 10:21:00 GMT", "Sun, 22 Nov 2026 10:21:00 -0000"]) {
      const headers: [string, string][] = [
        ["Host", "localhost"],
        ["Date", date],
      ];
      accepts(signed({ headers }));
      const problem = "'date' must be a 'SignedHeader' in the AWS Authorization.";
      refuses(signed({ headers, signedHeaders: "host" }), "InvalidSignatureException", problem);
    }
    const twice = signed({
      headers: [
        ["Host", "localhost"],
        ["Date", DATE],
      ],
    });
    const text = "A request must not have more than one 'date' header.";
    refuses({ ...twice, rawHeaders: [...twice.rawHeaders, "Date", DATE] }, "IncompleteSignatureException", text);
    const both: [string, string][] = [...HEADERS, ["Date", "Sun, 22 Nov 1990 10:21:00 GMT"]];
    accepts(signed({ headers: both, signedHeaders: "host;x-amz-date;x-amz-target" }));
  });

  it("may have its body's hash in x-amz-content-sha256, but nothing else there", () => {
    const withHash = (value: string, payloadHash?: string) =>
      signed({ headers: [...HEADERS, ["x-amz-content-sha256", value]], payloadHash });
    const right = hash("sha256", "{}");
    const wrong = hash("sha256", "{ }");
    accepts(withHash(right));
    accepts(withHash(right.toUpperCase()));
    for (const value of [wrong, "UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "", "abc"]) {
      refuses(withHash(value), "InvalidSignatureException", MISMATCH);
      refuses(withHash(value, value), "InvalidSignatureException", MISMATCH);
    }
  });

  it("is refused for a header signed but absent, unsorted or doubled in the list", () => {
    for (const signedHeaders of [
      "host;x-amz-date;x-amz-target;x-other",
      "x-amz-date;host;x-amz-target",
      "host;host;x-amz-date;x-amz-target",
      "host;x-amz-date;x-amz-target;",
    ]) {
      refuses(signed({ signedHeaders }), "InvalidSignatureException", MISMATCH);
    }
  });

  it("is refused where a header that must be signed is not", () => {
    const unsigned = (signedHeaders: string, name: string) =>
      refuses(
        signed({ headers: [...HEADERS, ["X-Amz-Security-Token", "t"], ["X-Amz-Other", "o"]], signedHeaders }),
        "InvalidSignatureException",
        `${name} must be a 'SignedHeader' in the AWS Authorization.`,
      );
    unsigned("x-amz-date;x-amz-other;x-amz-security-token;x-amz-target", "'Host' or ':authority'");
    unsigned("host;x-amz-other;x-amz-security-token;x-amz-target", "'x-amz-date'");
    unsigned("host;x-amz-date;x-amz-other;x-amz-security-token", "'x-amz-target'");
    unsigned("host;x-amz-date;x-amz-other;x-amz-target", "'x-amz-security-token'");
    unsigned("host;x-amz-date;x-amz-security-token;x-amz-target", "'x-amz-other'");
  });

  it("has only one of each header that means one thing", () => {
    for (const [name, value] of [...HEADERS, ["Authorization", "AWS4-HMAC-SHA256 x"], ["X-Amz-Security-Token", "t"]]) {
      const request = signed({ headers: [...HEADERS, ["X-Amz-Security-Token", "t"]] });
      const doubled = { ...request, rawHeaders: [...request.rawHeaders, name!, value!] };
      const text = `A request must not have more than one '${name!.toLowerCase()}' header.`;
      refuses(doubled, "IncompleteSignatureException", text);
    }
  });

  it("has no more headers, and no longer ones, than it may", () => {
    const many: [string, string][] = Array.from({ length: 97 }, (_, i) => [`A${String(i).padStart(3, "0")}`, "1"]);
    accepts(signed({ headers: [...many, ...HEADERS] }));
    const tooMany = signed({ headers: [...many, ["B", "1"], ...HEADERS] });
    refuses(tooMany, "IncompleteSignatureException", "A request must not sign more than 100 headers.");
    const unsigned = Array.from({ length: 253 }, () => ["B", "1"]).flat();
    const crowded = { ...signed(), rawHeaders: [...signed().rawHeaders, ...unsigned] };
    refuses(crowded, "IncompleteSignatureException", "A request must not have more than 256 headers.");
    const long = authorized(`AWS4-HMAC-SHA256 ${"a".repeat(8192)}`);
    refuses(long, "IncompleteSignatureException", "Authorization header must not be longer than 8192 characters.");
  });

  it("is refused for a target that is no path, or longer than it may be", () => {
    const targets = [
      "",
      "*",
      "http://localhost/",
      "x",
      "?a=b",
      `/${"a".repeat(8192)}`,
      `/?${"a".repeat(8192)}`,
      "/?%zz",
      "/?%4",
    ];
    const unasked = verifier(() => assert.fail("looked for the access key"));
    for (const url of targets) refuses({ ...signed(), url }, "InvalidSignatureException", MISMATCH, unasked);
  });
});

describe("a malformed Authorization header", () => {
  const credential = `Credential=${ID}/${SCOPE}`;
  const headers = "SignedHeaders=host;x-amz-date;x-amz-target";
  const signature = `Signature=${SIGNATURE}`;
  const whole = `AWS4-HMAC-SHA256 ${credential}, ${headers}, ${signature}`;
  const noCredential = "Authorization header requires 'Credential' parameter.";
  const noSignature = "Authorization header requires 'Signature' parameter.";
  const noHeaders = "Authorization header requires 'SignedHeaders' parameter.";
  const noDate = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
  const missing = ["MissingAuthenticationTokenException", "Missing Authentication Token"] as const;
  const incomplete = (message: string) => ["IncompleteSignatureException", message] as const;
  const invalid = (message: string) => ["InvalidSignatureException", message] as const;
  const scoped = (scope: string) => `AWS4-HMAC-SHA256 Credential=${scope}, ${headers}, ${signature}`;
  const fiveElements =
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got";

  const table: [authorization: string, readonly [code: string, message: string]][] = [
    ["", missing],
    ["Bearer eyJraWQiOiJs", missing],
    [`AWS ${ID}:frJIUN8DYpKDtOLCwo//yllqDzg=`, missing],
    ["aws4-hmac-sha256 Credential=a", missing],
    ["AWS4-HMAC-SHA256", incomplete(`${noCredential} ${noSignature} ${noHeaders} Authorization=AWS4-HMAC-SHA256`)],
    [
      `AWS4-HMAC-SHA256 ${headers}, ${signature}`,
      incomplete(`${noCredential} Authorization=AWS4-HMAC-SHA256 ${headers}, Signature=...`),
    ],
    [
      `AWS4-HMAC-SHA256 ${credential}, ${headers}`,
      incomplete(`${noSignature} Authorization=AWS4-HMAC-SHA256 ${credential}, ${headers}`),
    ],
    [
      `AWS4-HMAC-SHA256 ${credential}, ${signature}`,
      incomplete(`${noHeaders} Authorization=AWS4-HMAC-SHA256 ${credential}, Signature=...`),
    ],
    [
      `AWS4-HMAC-SHA256 Credential, ${headers}`,
      incomplete(
        `'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential, ${headers}'.`,
      ),
    ],
    [
      `AWS4-HMAC-SHA256 Credential= ${ID}/${SCOPE}, ${headers}, ${signature}`,
      incomplete(
        `'${ID}/${SCOPE}' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential= ${ID}/${SCOPE}, ${headers}, Signature=...'.`,
      ),
    ],
    [
      `AWS4-HMAC-SHA256 ${credential}, ${headers}, Signature= ${SIGNATURE}`,
      incomplete(
        `'...' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 ${credential}, ${headers}, Signature=...'.`,
      ),
    ],
    [
      `${whole}, ${credential}`,
      incomplete(
        `Authorization header must not repeat 'Credential' parameter. Authorization=AWS4-HMAC-SHA256 ${credential}, ${headers}, Signature=..., ${credential}`,
      ),
    ],
    [
      whole.replace("SHA256", "SHA512"),
      incomplete("Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512' (only AWS4-HMAC-SHA256 for now)."),
    ],
    [
      whole.replace("HMAC-SHA256", "ECDSA-P256-SHA256"),
      incomplete("Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now)."),
    ],
    [scoped(""), incomplete(`${fiveElements} ''`)],
    [scoped(ID), incomplete(`${fiveElements} '${ID}'`)],
    [scoped(`${ID}/${SCOPE}/`), incomplete(`${fiveElements} '${ID}/${SCOPE}/'`)],
    [scoped(`a/${"b".repeat(200)}`), incomplete(`${fiveElements} 'a/${"b".repeat(126)}...'`)],
    [
      scoped(`${ID}/20261122/us-east-9/kms/aws4_request`),
      invalid("Credential should be scoped to a valid Region, not 'us-east-9'."),
    ],
    [
      scoped(`${ID}/20261122/us-east-1/s3/aws4_request`),
      invalid("Credential should be scoped to correct service: 'kms'."),
    ],
    [
      scoped(`${ID}/20261122/us-east-1/kms/aws5_request`),
      invalid("Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'."),
    ],
    [
      scoped(`${ID}/20261121/us-east-1/kms/aws4_request`),
      invalid(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261121' != '20261122', from '20261122T102100Z'.",
      ),
    ],
    [
      scoped("a/b/c/d/e"),
      invalid(
        "Credential should be scoped to a valid Region, not 'c'. Credential should be scoped to correct service: 'kms'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20261122', from '20261122T102100Z'.",
      ),
    ],
    [
      scoped(`AKIAUNKNOWN/${SCOPE}`),
      ["UnrecognizedClientException", "The security token included in the request is invalid."],
    ],
    [scoped(`/${SCOPE}`), ["UnrecognizedClientException", "The security token included in the request is invalid."]],
    [
      whole.replace(headers, "SignedHeaders="),
      invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."),
    ],
    [whole, invalid(MISMATCH)],
    [whole.replace(SIGNATURE, ""), invalid(MISMATCH)],
    [whole.replace(SIGNATURE, SIGNATURE.toUpperCase()), invalid(MISMATCH)],
  ];

  for (const [authorization, [code, message]] of table) {
    it(`${code}: ${authorization.slice(0, 100)}`, () => refuses(authorized(authorization), code, message));
  }

  it("has a date beside it", () => {
    const undated = HEADERS.filter(([name]) => name !== "X-Amz-Date");
    refuses(authorized(whole, undated), ...incomplete(`${noDate} Authorization=${whole.replace(SIGNATURE, "...")}`));
    refuses(
      authorized("AWS4-HMAC-SHA256 a=b", undated),
      ...incomplete(`${noCredential} ${noSignature} ${noHeaders} ${noDate} Authorization=AWS4-HMAC-SHA256 a=b`),
    );
  });

  it("has a date beside it that exists, in ISO 8601's basic format", () => {
    for (const date of [
      ...[
        "201",
        "2026-11-22T10:21:00Z",
        "20261122T102100",
        "20261122T102100+",
        "20261122t102100Z",
        "zzzzzzzzTzzzzzzZ",
        "",
      ],
      ...["20261322T102100Z", "20260022T102100Z", "20260230T102100Z", "20261100T102100Z", "20261122T242100Z"],
      ...[
        "20261122T106000Z",
        "20261122T102060Z",
        "Sun, 22 Nov 2026 10:21:00",
        "Mon, 22 Nov 2026 10:21:00 GMT",
        "now GMT",
      ],
    ]) {
      const headers = HEADERS.map(([name, value]): [string, string] => [name, name === "X-Amz-Date" ? date : value]);
      const text = `Date must be in ISO-8601 'basic format'. Got '${date}'. See http://en.wikipedia.org/wiki/ISO_8601`;
      refuses(authorized(whole, headers), ...incomplete(text));
    }
  });

  it("never comes back with a signature, a token, or at length", () => {
    const secret = "IQoJb3JpZ2luX2VjEKT//////////wEaCXVzLWVhc3QtMSJHMEUCIQ";
    for (const authorization of [
      `AWS4-HMAC-SHA256 ${credential}, Signature: ${SIGNATURE}`,
      `AWS4-HMAC-SHA256 ${credential} ${SIGNATURE}`,
      `AWS4-HMAC-SHA256 signature=${SIGNATURE} ${credential}`,
      `AWS4-HMAC-SHA256 ${credential}, Signature=${SIGNATURE}, Signature=${SIGNATURE}`,
      `AWS4-HMAC-SHA256 ${credential}, X-Amz-Security-Token=${secret}`,
      `AWS4-HMAC-SHA256 ${credential}, X-Amz-Security-Token= ${secret}`,
      `AWS4-HMAC-SHA256 ${credential}, X-Amz-Security-Token: ${secret}`,
      `AWS4-HMAC-SHA256 ${"a,".repeat(2000)}`,
      `AWS4-HMAC-SHA256 ${"a=b,\u00e9".repeat(1000)}`,
    ]) {
      const { message } = refusal(() => verifier().verify(authorized(authorization)));
      assert.ok(!message.includes(SIGNATURE.slice(0, 32)) && !message.includes(secret), message);
      assert.ok(message.length < 600 && /^[ -~]*$/.test(message), message);
    }
  });
});

describe("a presigned request", () => {
  const all = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${ID}/${SCOPE}`,
    "X-Amz-Date": DATE,
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": SIGNATURE,
  };
  const query = (changes: Record<string, string | undefined> = {}) =>
    Object.entries({ ...all, ...changes })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${encodeURIComponent(value!)}`)
      .join("&");

  function good(changes: Record<string, string | undefined> = {}): SignedRequest {
    const unsigned = query({ ...changes, "X-Amz-Signature": undefined });
    const canonical = `POST\n/\n${unsigned.split("&").sort().join("&")}\nhost:localhost:8080\n\nhost\n${hash("sha256", "{}")}`;
    const key = deriveSigningKey(SECRET, "20261122", "us-east-1", "kms");
    const toSign = `AWS4-HMAC-SHA256\n${DATE}\n${SCOPE}\n${hash("sha256", canonical)}`;
    return presigned(`${unsigned}&X-Amz-Signature=${createHmac("sha256", key).update(toSign).digest("hex")}`);
  }

  it("must say all it needs to", () => {
    const lacks = (name: string) => `AWS query-string parameters must include '${name}'.`;
    for (const name of [
      "X-Amz-Algorithm",
      "X-Amz-Credential",
      "X-Amz-Signature",
      "X-Amz-SignedHeaders",
      "X-Amz-Date",
    ]) {
      const request = presigned(query({ [name]: undefined }));
      refuses(request, "IncompleteSignatureException", `${lacks(name)} Re-examine the query-string parameters.`);
    }
    refuses(
      presigned("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=x"),
      "IncompleteSignatureException",
      `${lacks("X-Amz-Credential")} ${lacks("X-Amz-Signature")} ${lacks("X-Amz-SignedHeaders")} Re-examine the query-string parameters.`,
    );
  });

  it("must say it once, and not in a header as well", () => {
    for (const name of Object.keys(all)) {
      const text = `AWS query-string parameters must not repeat '${name}'. Re-examine the query-string parameters.`;
      refuses(presigned(`${query()}&${name}=`), "IncompleteSignatureException", text);
    }
    const request = good();
    const both = { ...request, rawHeaders: [...request.rawHeaders, "Authorization", "Bearer x"] };
    const text = "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
    refuses(both, "InvalidSignatureException", text);
    const token = good({ "X-Amz-Security-Token": "t", "X-Amz-SignedHeaders": "host;x-amz-security-token" });
    refuses(
      { ...token, rawHeaders: [...token.rawHeaders, "X-Amz-Security-Token", "t"] },
      "IncompleteSignatureException",
      "Found both 'X-Amz-Security-Token' as a query-string param and as HTTP header.",
    );
  });

  it("must be of this algorithm, scope and format", () => {
    const wrong = (changes: Record<string, string>, code: string, message: RegExp) =>
      refuses(presigned(query(changes)), code, message);
    wrong({ "X-Amz-Algorithm": "AWS4-X" }, "IncompleteSignatureException", /^Unsupported AWS 'algorithm': 'AWS4-X' /);
    wrong({ "X-Amz-Credential": "a/b" }, "IncompleteSignatureException", /, got 'a\/b'$/);
    wrong({ "X-Amz-Date": "2026\n" }, "IncompleteSignatureException", /^Date must be .* Got '2026\?'\. /);
    wrong({ "X-Amz-Credential": `${ID}/${SCOPE}x` }, "InvalidSignatureException", /terminator: .* not 'aws4_requestx'/);
    wrong({ "X-Amz-SignedHeaders": "x" }, "InvalidSignatureException", /^'Host' or ':authority' must be/);
  });

  it("is valid for one second to a week", () => {
    for (const expires of ["1", "604800"]) accepts(good({ "X-Amz-Expires": expires }));
    const bounds = [
      ["0", "X-Amz-Expires must be greater than 0 seconds"],
      ["604801", /^X-Amz-Expires must be less than a week/],
      ["-1", "X-Amz-Expires should be a number"],
      ["1e2", "X-Amz-Expires should be a number"],
      ["", "X-Amz-Expires should be a number"],
    ] as const;
    for (const [expires, message] of bounds) {
      refuses(good({ "X-Amz-Expires": expires }), "IncompleteSignatureException", message);
    }
  });

  it("expires when it says, without saying with the clock window, and is not valid long before its date", () => {
    const at = (changes: Record<string, string | undefined>, seconds: number) =>
      [good(changes), verifier(undefined, () => NOW + seconds * 1000)] as const;
    for (const [expires, life] of [
      ["60", 60],
      ["604800", 604_800],
      [undefined, 300],
    ] as const) {
      accepts(...at({ "X-Amz-Expires": expires }, life));
      accepts(...at({ "X-Amz-Expires": expires }, -300));
      for (const [seconds, text] of [
        [life + 1, /^Signature expired: /],
        [-301, /^Signature not yet current: /],
      ] as const) {
        const [request, then] = at({ "X-Amz-Expires": expires }, seconds);
        refuses(request, "InvalidSignatureException", text, then);
      }
    }
    refuses(
      good(),
      "InvalidSignatureException",
      "Signature expired: 20261122T102100Z is now earlier than 20261122T102101Z (20261122T102201Z - 60 sec.)",
      verifier(undefined, () => NOW + 61_000),
    );
  });

  it("brings its session token along", () => {
    assert.equal(accepts(good({ "X-Amz-Security-Token": "a/b+c==" })).sessionToken, "a/b+c==");
  });
});

describe("the clock window", () => {
  const at = (milliseconds: number) => verifier(undefined, () => NOW + milliseconds);

  it("is five minutes to either side", () => {
    for (const milliseconds of [0, 300_000, 300_999, -300_000]) accepts(signed(), at(milliseconds));
    refuses(
      signed(),
      "InvalidSignatureException",
      "Signature expired: 20261122T102100Z is now earlier than 20261122T102101Z (20261122T102601Z - 5 min.)",
      at(301_000),
    );
    refuses(
      signed(),
      "InvalidSignatureException",
      "Signature not yet current: 20261122T102100Z is still later than 20261122T102059Z (20261122T101559Z + 5 min.)",
      at(-300_001),
    );
  });

  it("is kept with what is remembered", () => {
    let now = NOW;
    const one = verifier(undefined, () => now);
    accepts(signed(), one);
    now += 301_000;
    refuses(signed(), "InvalidSignatureException", /^Signature expired/, one);
    const tomorrow = signed({
      date: "20261123T000000Z",
      headers: HEADERS.map(([name, value]) => [name, name === "X-Amz-Date" ? "20261123T000000Z" : value]),
    });
    now = Date.UTC(2026, 10, 23);
    refuses(tomorrow, "InvalidSignatureException", /^Date in Credential scope does not match/, one);
  });
});

describe("access keys", () => {
  it("are looked for every time, so that a deactivated one is refused at once", () => {
    let found: AccessKeyEntry<string> | undefined = entry();
    let asked = 0;
    const one = verifier(() => {
      asked++;
      return found;
    });
    for (let i = 0; i < 3; i++) accepts(signed(), one);
    assert.equal(asked, 3);
    found = undefined;
    const text = "The security token included in the request is invalid.";
    refuses(signed(), "UnrecognizedClientException", text, one);
    found = entry("another secret");
    refuses(signed(), "InvalidSignatureException", MISMATCH, one);
    accepts(signed({ secret: "another secret" }), one);
    found = { ...entry(), identity: "bob" };
    assert.equal(accepts(signed(), one).identity, "bob");
    assert.equal(accepts(signed(), one).identity, "bob");
  });

  it("have their signing key asked for once, and again for a changed entry", () => {
    let asked = 0;
    const counting = (): AccessKeyEntry<string> => {
      const { signingKey } = entry();
      return {
        identity: "alice",
        signingKey(...scope) {
          asked++;
          return signingKey(...scope);
        },
      };
    };
    let found = counting();
    const one = verifier(() => found);
    for (let i = 0; i < 3; i++) accepts(signed(), one);
    assert.equal(asked, 1);
    found = counting();
    for (let i = 0; i < 3; i++) accepts(signed(), one);
    assert.equal(asked, 2);
  });

  it("are remembered with what they signed, but not without bound", () => {
    let asked = 0;
    const { signingKey } = entry();
    const counting: AccessKeyEntry<string> = {
      identity: "alice",
      signingKey(...scope) {
        asked++;
        return signingKey(...scope);
      },
    };
    const one = verifier(() => counting);
    const numbered = (i: number) => signed({ headers: [...HEADERS, [`X-Test-${i}`, "1"]] });
    for (let i = 0; i < 2048; i++) accepts(numbered(i), one);
    accepts(numbered(0), one);
    assert.equal(asked, 2048);
    accepts(numbered(2048), one);
    accepts(numbered(0), one);
    assert.equal(asked, 2050);
    const long = signed({ headers: [...HEADERS, [`X-${"a".repeat(1000)}`, "1"]] });
    for (let i = 0; i < 2; i++) accepts(long, one);
    assert.equal(asked, 2052);
  });

  it("may come later", async () => {
    let found: AccessKeyEntry<string> | undefined = entry();
    const one = verifier(async () => found);
    for (let i = 0; i < 2; i++) {
      const pending = one.verify(signed());
      assert.ok(pending instanceof Promise);
      assert.equal((await pending).identity, "alice");
    }
    found = undefined;
    await assert.rejects(async () => one.verify(signed()), { code: "UnrecognizedClientException" });
    found = entry("another secret");
    await assert.rejects(async () => one.verify(signed()), { code: "InvalidSignatureException", message: MISMATCH });
    const away = verifier(() => Promise.reject(new Error("store is away")));
    await assert.rejects(async () => away.verify(signed()), { message: "store is away" });
  });

  it("are not looked for under an id that cannot be one", () => {
    const one = verifier(() => assert.fail("asked"));
    for (const id of ["", "a b".replace(" ", "%"), "a".repeat(129), "\u00e9"]) {
      const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${SCOPE}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=x`;
      const text = "The security token included in the request is invalid.";
      refuses(authorized(authorization), "UnrecognizedClientException", text, one);
    }
  });

  it("unknown, are refused before the clock and the signature are looked at", () => {
    const one = verifier(
      () => undefined,
      () => 0,
    );
    refuses(signed(), "UnrecognizedClientException", /invalid\.$/, one);
  });
});

describe("deriveSigningKey", () => {
  it("is the chain of four HMACs (AWS's published example)", () => {
    const key = deriveSigningKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20120215", "us-east-1", "iam");
    const expected = "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d";
    assert.equal(key.export().toString("hex"), expected);
  });
});
