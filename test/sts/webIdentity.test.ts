import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { exportSPKI, importJWK, type JWTPayload } from "jose";
import { A, B, type Keys, keysOf, makeWorld, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";
import { allowRole, identityOf, newRole, roleArn } from "./client.ts";
import {
  type Answering,
  certificateFor,
  type IdentityProvider,
  type Issuer,
  type IssuerKey,
  idToken,
  issuerKey,
  startIdentityProvider,
} from "./identityProvider.ts";

let world: World;
let idp: IdentityProvider;
let rsa: IssuerKey;
/** a client without credentials, as one inside a cluster is */
let unsigned: sts.STSClient;
let moved = 0;
const AUDIENCE = "sts.amazonaws.com";

before(async () => {
  world = await makeWorld();
  idp = await startIdentityProvider();
  rsa = await issuerKey("rsa-1");
  unsigned = new sts.STSClient({ endpoint: world.server.endpoint, region: "us-east-1", maxAttempts: 1 });
});
after(async () => {
  unsigned.destroy();
  await idp.close();
  await world.stop();
});

const now = () => Math.floor((Date.now() + moved) / 1000);
const forward = (seconds: number) => {
  world.server.moveClock(seconds * 1000);
  moved += seconds * 1000;
};
const nameOf = ({ url }: Issuer) => url.slice("https://".length);
const providerArn = (issuer: Issuer, account = A) => `arn:aws:iam::${account}:oidc-provider/${nameOf(issuer)}`;
const token = (issuer: Issuer, claims: JWTPayload = {}, key = rsa) => idToken(issuer, key, claims, now());

function register(
  issuer: Issuer,
  input: Partial<iam.CreateOpenIDConnectProviderCommandInput> = {},
  root: Keys = world.rootOf.A,
) {
  const given = { Url: issuer.url, ClientIDList: [AUDIENCE], ThumbprintList: [idp.thumbprint], ...input };
  return world.iam(root).send(new iam.CreateOpenIDConnectProviderCommand(given));
}

/** An issuer that is registered, and a role of its name that trusts it. */
async function registered(name: string, keys = [rsa], statement: object = {}): Promise<Issuer> {
  const issuer = idp.issuer(name, keys);
  await register(issuer);
  await newRole(world, name, [federating(issuer, statement)], { MaxSessionDuration: 7200 });
  return issuer;
}

function federating(issuer: Issuer, rest: object = {}): object {
  const Principal = { Federated: providerArn(issuer) };
  return { Effect: "Allow", Principal, Action: "sts:AssumeRoleWithWebIdentity", ...rest };
}

function assume(
  role: string,
  WebIdentityToken: string,
  input: Partial<sts.AssumeRoleWithWebIdentityCommandInput> = {},
  client = unsigned,
) {
  const RoleArn = role.startsWith("arn:") ? role : roleArn(role);
  return client.send(
    new sts.AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: "web", WebIdentityToken, ...input }),
  );
}

async function refused(call: Promise<unknown>, name: string, message: string | RegExp, status = 400) {
  const failed = await failure(call);
  assert.deepEqual({ name: failed.name, status: failed.status }, { name, status }, failed.message);
  if (typeof message === "string") assert.equal(failed.message, message);
  else assert.match(failed.message, message);
}
const invalid = (call: Promise<unknown>, message: string | RegExp) =>
  refused(call, "InvalidIdentityTokenException", message);
const NO_KEY =
  "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
const BAD_SIGNATURE = "Invalid identity token signature";
const NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithWebIdentity";

test("a token of a trusted provider begins a session", async () => {
  const issuer = await registered("app");
  const { Credentials, $metadata, ...rest } = await assume("app", await token(issuer));
  const { Role } = await world.iam(world.rootOf.A).send(new iam.GetRoleCommand({ RoleName: "app" }));
  const Arn = `arn:aws:sts::${A}:assumed-role/app/web`;
  assert.deepEqual(rest, {
    SubjectFromWebIdentityToken: "system:app",
    AssumedRoleUser: { AssumedRoleId: `${Role?.RoleId}:web`, Arn },
    Provider: providerArn(issuer),
    Audience: AUDIENCE,
  });
  assert.deepEqual(await identityOf(world, keysOf(Credentials)), { UserId: `${Role?.RoleId}:web`, Account: A, Arn });
  assert.deepEqual(issuer.asked, [".well-known/openid-configuration", "keys"]);
  await assume("app", await token(issuer));
  assert.equal(issuer.asked.length, 2);
});

test("each algorithm that STS takes", async () => {
  const keys = await Promise.all(
    ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"].map((alg) => issuerKey(`key-${alg}`, alg)),
  );
  const issuer = await registered("algorithms", keys);
  for (const key of keys) assert.ok((await assume("algorithms", await token(issuer, {}, key))).Credentials, key.alg);
  for (const alg of ["PS256", "EdDSA"]) {
    const key = await issuerKey(`key-${alg}`, alg);
    issuer.keys.push(key.jwk);
    await invalid(assume("algorithms", await token(issuer, {}, key)), BAD_SIGNATURE);
  }
});

test("a signature is asked for, whatever the request brings", async () => {
  await registered("bystander");
  const issuer = await registered("signature");
  const good = await token(issuer);
  const [head = "", body = "", signature = ""] = good.split(".");
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const unsignedText = `${part({ alg: "none" })}.${body}.`;
  await invalid(assume("signature", unsignedText), BAD_SIGNATURE);
  await invalid(assume("signature", `${part({ alg: "none", kid: rsa.kid })}.${body}.${signature}`), BAD_SIGNATURE);
  const publicKey = await exportSPKI((await importJWK(rsa.jwk, "RS256", { extractable: true })) as CryptoKey);
  for (const secret of [publicKey, JSON.stringify(rsa.jwk), ""]) {
    const text = `${part({ alg: "HS256", kid: rsa.kid })}.${body}`;
    const mac = createHmac("sha256", secret).update(text).digest("base64url");
    await invalid(assume("signature", `${text}.${mac}`), BAD_SIGNATURE);
  }
  const stranger = { ...(await issuerKey(rsa.kid)), jwk: rsa.jwk };
  await invalid(assume("signature", await token(issuer, {}, stranger)), BAD_SIGNATURE);
  const elsewhere = part({ alg: "RS256", kid: rsa.kid, jku: "https://localhost/evil", jwk: stranger.jwk });
  await invalid(assume("signature", `${elsewhere}.${body}.${signature}`), BAD_SIGNATURE);
  for (let i = 0; i < signature.length; i += 17) {
    const altered = signature.slice(0, i) + (signature[i] === "A" ? "B" : "A") + signature.slice(i + 1);
    await invalid(assume("signature", `${head}.${body}.${altered}`), BAD_SIGNATURE);
  }
  const claims = JSON.parse(Buffer.from(body, "base64url").toString());
  await invalid(assume("signature", `${head}.${part({ ...claims, sub: "system:admin" })}.${signature}`), BAD_SIGNATURE);
  assert.ok((await assume("signature", good)).Credentials);
});

test("what is no ID token", async () => {
  const issuer = await registered("forms");
  const not = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
  for (const text of ["ya29.access-token", "a.b.c", "....", "e30.e30.e30", `${"x".repeat(19_990)}.a.b`]) {
    await invalid(assume("forms", text), text === "e30.e30.e30" ? "Missing a required claim: iss" : not);
  }
  await invalid(assume("forms", await token(issuer), { ProviderId: "graph.facebook.com" }), not);
  for (const claim of ["iss", "sub", "aud", "exp", "iat"]) {
    await invalid(assume("forms", await token(issuer, { [claim]: undefined })), `Missing a required claim: ${claim}`);
  }
  const odd = { sub: "x".repeat(256), azp: 7, amr: [7], "https://aws.amazon.com/source_identity": "has space" };
  for (const [name, value] of Object.entries(odd)) {
    await invalid(assume("forms", await token(issuer, { [name]: value } as JWTPayload)), new RegExp(`claim ${name}`));
  }
  await invalid(assume("forms", await token(issuer, { exp: now() + 60.5 })), "Missing a required claim: exp");
});

test("time", async () => {
  const issuer = await registered("time");
  const at = now();
  await refused(
    assume("time", await token(issuer, { iat: at - 700, exp: at - 1 })),
    "ExpiredTokenException",
    /^Token expired: current date\/time \d{10} must be before the expiration date\/time \d{10}$/,
  );
  await refused(
    assume("time", await token(issuer, { iat: at - 86_500, exp: at + 60 })),
    "ExpiredTokenException",
    "Token must be issued within 24 hours of use",
  );
  await invalid(assume("time", await token(issuer, { iat: at + 400, exp: at + 900 })), /not valid yet/);
  await invalid(assume("time", await token(issuer, { nbf: at + 400 })), /not valid yet/);
  assert.deepEqual(issuer.asked, [], "nothing is fetched for a token that is out of date");
});

test("the provider of the role's account, and no other, is asked", async () => {
  const issuer = idp.issuer("stranger", [rsa]);
  const ofB = idp.issuer("of-b", [rsa]);
  await register(ofB, {}, world.rootOf.B);
  await newRole(world, "trusts-b", [federating(ofB, { Principal: { Federated: providerArn(ofB, B) } })]);
  for (const [one, claims] of [
    [issuer, {}],
    [ofB, {}],
    [ofB, { iss: `${ofB.url}/` }],
    [ofB, { iss: ofB.url.replace("https", "http") }],
  ] as const) {
    const iss = (claims as JWTPayload).iss ?? one.url;
    await invalid(
      assume("trusts-b", await token(one, claims)),
      `No OpenIDConnect provider found in your account for ${iss}`,
    );
  }
  await invalid(assume(roleArn("none", "999999999999"), await token(ofB)), /^No OpenIDConnect provider found/);
  assert.deepEqual([issuer.asked, ofB.asked], [[], []]);
  await refused(assume("arn:aws:iam::000000000000", await token(ofB)), "ValidationError", /is invalid$/);
});

test("the audience", async () => {
  const issuer = await registered("audience");
  for (const claims of [{ aud: "other" }, { aud: [] as string[] }, { azp: "other" }, { aud: ["other", "more"] }]) {
    const message = claims.aud?.length === 0 ? "Missing a required claim: aud" : "Incorrect token audience";
    await invalid(assume("audience", await token(issuer, claims)), message);
  }
  for (const claims of [{ aud: ["other", AUDIENCE] }, { aud: "other", azp: AUDIENCE }]) {
    assert.equal((await assume("audience", await token(issuer, claims))).Audience, AUDIENCE);
  }
  const change = { OpenIDConnectProviderArn: providerArn(issuer), ClientID: "other" };
  await world.iam(world.rootOf.A).send(new iam.AddClientIDToOpenIDConnectProviderCommand(change));
  assert.equal((await assume("audience", await token(issuer, { aud: "other" }))).Audience, "other");
});

test("the trust policy decides by the token's claims", async () => {
  const issuer = idp.issuer("Claims", [rsa]);
  await register(issuer);
  const key = nameOf(issuer);
  const rows: [name: string, condition: object, right: JWTPayload, wrong: JWTPayload][] = [
    ["sub", { StringLike: { [`${key}:sub`]: "system:a*" } }, {}, { sub: "system:b" }],
    ["aud", { StringEquals: { [`${key}:AUD`]: AUDIENCE } }, {}, { azp: "other" }],
    ["amr", { "ForAnyValue:StringEquals": { [`${key}:amr`]: "mfa" } }, { amr: ["pwd", "mfa"] }, { amr: ["pwd"] }],
    [
      "all",
      { Null: { "aws:PrincipalArn": "true", "aws:userid": "true" }, IpAddress: { "aws:SourceIp": "127.0.0.0/8" } },
      {},
      { aud: "other" },
    ],
  ];
  await world.iam(world.rootOf.A).send(
    new iam.AddClientIDToOpenIDConnectProviderCommand({
      OpenIDConnectProviderArn: providerArn(issuer),
      ClientID: "other",
    }),
  );
  for (const [name, Condition, right, wrong] of rows) {
    await newRole(world, `by-${name}`, [federating(issuer, { Condition })]);
    assert.ok((await assume(`by-${name}`, await token(issuer, right))).Credentials, name);
    if (name !== "all")
      await refused(assume(`by-${name}`, await token(issuer, wrong)), "AccessDenied", NOT_AUTHORIZED, 403);
  }
});

test("whom the trust policy does not name", async () => {
  const issuer = await registered("named");
  const Action = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"];
  await newRole(world, "aws-all", [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:*" }]);
  await newRole(world, "aws-account", [{ Effect: "Allow", Principal: { AWS: A }, Action }]);
  await newRole(world, "other-provider", [federating(idp.issuer("nobody", [rsa]))]);
  await newRole(world, "other-action", [federating(issuer, { Action: "sts:TagSession" })]);
  const denies = { Effect: "Deny", Principal: { AWS: "*" }, Action: "sts:*" };
  await newRole(world, "denied", [federating(issuer), denies]);
  for (const name of ["aws-all", "aws-account", "other-provider", "other-action", "denied", "absent"]) {
    await refused(assume(name, await token(issuer)), "AccessDenied", NOT_AUTHORIZED, 403);
  }
  const asUser = world.sts(world.rootOf.A);
  assert.ok(
    (await assume("named", await token(issuer), {}, asUser)).Credentials,
    "a signature that comes along is passed over",
  );
  const wrong = { ...world.rootOf.A, secretAccessKey: "wrong" };
  const client = new sts.STSClient({
    endpoint: world.server.endpoint,
    region: "eu-west-3",
    credentials: wrong,
    maxAttempts: 1,
  });
  assert.ok((await assume("named", await token(issuer), {}, client)).Credentials);
  client.destroy();
});

test("tags and a source identity of the token", async () => {
  const Action = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"];
  const asks = { Condition: { StringEqualsIfExists: { "aws:RequestTag/Team": "red" } } };
  const issuer = await registered("tags", [rsa], { Action, ...asks });
  await newRole(world, "no-tags", [federating(issuer)]);
  const principal_tags = { Team: ["red"] };
  const nested = { "https://aws.amazon.com/tags": { principal_tags, transitive_tag_keys: ["Team"] } };
  const flat = {
    "https://aws.amazon.com/tags/principal_tags/Team": "red",
    "https://aws.amazon.com/tags/transitive_tag_keys": ["Team"],
  };
  const source = { "https://aws.amazon.com/source_identity": "web-user" };
  await newRole(world, "next", [
    {
      Effect: "Allow",
      Principal: { AWS: roleArn("tags") },
      Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
      Condition: { StringEquals: { "aws:PrincipalTag/team": "red", "aws:SourceIdentity": "web-user" } },
    },
  ]);
  for (const tags of [nested, flat]) {
    const { Credentials, SourceIdentity, PackedPolicySize } = await assume(
      "tags",
      await token(issuer, { ...tags, ...source }),
    );
    assert.equal(SourceIdentity, "web-user");
    assert.ok((PackedPolicySize ?? 0) > 0);
    const next = new sts.AssumeRoleCommand({ RoleArn: roleArn("next"), RoleSessionName: "chained" });
    assert.equal((await world.sts(keysOf(Credentials)).send(next)).SourceIdentity, "web-user");
  }
  for (const claims of [nested, flat, source]) {
    await refused(assume("no-tags", await token(issuer, claims)), "AccessDenied", NOT_AUTHORIZED, 403);
  }
  const blue = { "https://aws.amazon.com/tags": { principal_tags: { Team: ["blue"] } } };
  await refused(assume("tags", await token(issuer, blue)), "AccessDenied", NOT_AUTHORIZED, 403);
  for (const bad of [
    7,
    "x",
    [],
    { principal_tags: [] },
    { principal_tags: { Team: ["a", "b"] } },
    { principal_tags: { "!": ["a"] } },
    { transitive_tag_keys: [7] },
  ]) {
    await invalid(
      assume("tags", await token(issuer, { "https://aws.amazon.com/tags": bad })),
      /claim https:\/\/aws\.amazon\.com\/tags/,
    );
  }
});

test("what the session may, and what its requests say of it", async () => {
  const issuer = await registered("rights");
  const Condition = {
    StringEquals: { [`${nameOf(issuer)}:sub`]: "system:app", "aws:FederatedProvider": providerArn(issuer) },
    Null: { "aws:MultiFactorAuthPresent": "true" },
  };
  await allowRole(world, "rights", [{ Effect: "Allow", Action: "kms:ListKeys", Resource: "*", Condition }]);
  const list = async (sub: string, input = {}) => {
    const { Credentials } = await assume("rights", await token(issuer, { sub }), input);
    return world.kms(keysOf(Credentials)).send(new kms.ListKeysCommand({}));
  };
  assert.ok(await list("system:app"));
  assert.equal((await failure(list("system:other"))).name, "AccessDeniedException");
  const Policy = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "kms:ListAliases", Resource: "*" }] });
  assert.match((await failure(list("system:app", { Policy }))).message, /because no session policy allows/);
  const input = { DurationSeconds: 7201 };
  await refused(
    assume("rights", await token(issuer), input),
    "ValidationError",
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  );
  assert.ok((await assume("rights", await token(issuer), { DurationSeconds: 7200 })).Credentials);
});

test("a provider's new key is found, and unknown ones do not make it busy", async () => {
  const issuer = await registered("rotation");
  const [second, unknown] = [await issuerKey("rsa-2"), await issuerKey("rsa-unknown")];
  await assume("rotation", await token(issuer));
  issuer.keys = [second.jwk];
  for (let i = 0; i < 5; i++) await invalid(assume("rotation", await token(issuer, {}, unknown)), NO_KEY);
  assert.equal(issuer.asked.length, 2, "within half a minute nothing is fetched again");
  forward(31);
  assert.ok((await assume("rotation", await token(issuer, {}, second))).Credentials);
  await Promise.all(
    Array.from({ length: 10 }, async () => invalid(assume("rotation", await token(issuer, {}, unknown)), NO_KEY)),
  );
  assert.equal(issuer.asked.length, 4);
  await invalid(assume("rotation", await token(issuer)), NO_KEY);
  forward(601);
  issuer.keys = [];
  await invalid(assume("rotation", await token(issuer, {}, second)), NO_KEY);
  assert.equal(issuer.asked.length, 6, "after ten minutes keys are fetched anew, and a withdrawn one is none");
});

test("providers that do not answer as they should", async (t) => {
  const redirect =
    (to: string): Answering =>
    (_, response) =>
      response.writeHead(302, { location: to }).end();
  const target = await registered("target");
  const says =
    (body: unknown): Answering =>
    (_, response) =>
      response.end(typeof body === "string" ? body : JSON.stringify(body));
  const naming = (name: string, jwks_uri?: string) => says({ issuer: target.url.replace(/target$/, name), jwks_uri });
  const rows: [name: string, instead: Issuer["instead"]][] = [
    ["redirected-configuration", { configuration: redirect(`${target.url}/.well-known/openid-configuration`) }],
    ["redirected-keys", { keys: redirect(`${target.url}/keys`) }],
    ["not-json", { configuration: says("<html>") }],
    ["null", { configuration: says("null") }],
    ["other-issuer", { configuration: says({ issuer: target.url, jwks_uri: `${target.url}/keys` }) }],
    ["plain-http", { configuration: naming("plain-http", `${target.url.replace("https", "http")}/keys`) }],
    ["file", { configuration: naming("file", "file:///etc/passwd") }],
    ["no-uri", { configuration: naming("no-uri") }],
    ["no-key-set", { keys: says({ keys: "none" }) }],
    ["too-much", { keys: says({ keys: [rsa.jwk], padding: "x".repeat(1 << 18) }) }],
    ["error", { keys: (_, response) => void response.writeHead(500).end() }],
  ];
  for (const [name, instead] of rows) {
    await t.test(name, async () => {
      const issuer = await registered(name);
      Object.assign(issuer.instead, instead);
      await invalid(assume(name, await token(issuer)), NO_KEY);
      const { length } = issuer.asked;
      await invalid(assume(name, await token(issuer)), NO_KEY);
      assert.equal(issuer.asked.length, length, "a failure is remembered for a while");
      for (const one of ["configuration", "keys"] as const) delete issuer.instead[one];
      forward(11);
      assert.ok((await assume(name, await token(issuer))).Credentials, "and not for long");
    });
  }
  assert.deepEqual(target.asked, []);
});

test("a provider that cannot be reached, or does not end", async () => {
  const issuer = idp.issuer("silent", [rsa]);
  await register(issuer);
  await newRole(world, "silent", [federating(issuer)]);
  issuer.instead.keys = (_, response) => {
    response.writeHead(200).write("{");
  };
  const began = Date.now();
  await refused(assume("silent", await token(issuer)), "IDPCommunicationErrorException", /could not be reached/);
  assert.ok(Date.now() - began < 9000);
  const gone = { ...issuer, url: "https://localhost:1/gone" };
  await register(gone);
  await newRole(world, "gone", [federating(gone)]);
  await refused(assume("gone", await token(gone)), "IDPCommunicationErrorException", /could not be reached/);
});

test("whose certificate is believed", async (t) => {
  const mismatch = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";
  const other = "0123456789abcdef0123456789abcdef01234567";
  const made = async (name: string, ThumbprintList: string[]) => {
    const issuer = idp.issuer(name, [rsa]);
    await register(issuer, { ThumbprintList });
    await newRole(world, name, [federating(issuer)]);
    return issuer;
  };
  await t.test("one whose thumbprint is registered", async () => {
    const issuer = await made("thumbprint", [other, idp.thumbprint.toUpperCase()]);
    assert.ok((await assume("thumbprint", await token(issuer))).Credentials);
  });
  await t.test("one whose thumbprint was taken at registration", async () => {
    const issuer = await made("taken", []);
    assert.ok((await assume("taken", await token(issuer))).Credentials);
  });
  await t.test("no other", async () => {
    const issuer = await made("untrusted", [other]);
    await invalid(assume("untrusted", await token(issuer)), mismatch);
    assert.deepEqual(issuer.asked, []);
    const ThumbprintList = [idp.thumbprint];
    const change = { OpenIDConnectProviderArn: providerArn(issuer), ThumbprintList };
    await world.iam(world.rootOf.A).send(new iam.UpdateOpenIDConnectProviderThumbprintCommand(change));
    assert.ok((await assume("untrusted", await token(issuer))).Credentials);
  });
  for (const [what, certificate, right] of [
    ["one that is its own authority", await certificateFor("localhost"), true],
    ["not one for another host", await certificateFor("login.example.com"), false],
    ["not one that has expired", await certificateFor("localhost", Date.now() - 60_000), false],
  ] as const) {
    await t.test(what, async () => {
      const own = await startIdentityProvider(certificate);
      const name = what.replaceAll(" ", "-");
      const issuer = own.issuer(name, [rsa]);
      await register(issuer, { ThumbprintList: [own.thumbprint] });
      await newRole(world, name, [federating(issuer)]);
      if (right) assert.ok((await assume(name, await token(issuer))).Credentials);
      else await invalid(assume(name, await token(issuer)), mismatch);
      assert.equal(issuer.asked.length, right ? 2 : 0);
      await own.close();
    });
  }
  await t.test("one of an authority that this computer trusts, whatever the thumbprint", async () => {
    const issuer = await made("authority", [other]);
    const usual = getCACertificates("default");
    setDefaultCACertificates([...usual, idp.ca]);
    try {
      assert.ok((await assume("authority", await token(issuer))).Credentials);
    } finally {
      setDefaultCACertificates(usual);
    }
  });
});

test("a provider that was deleted is unknown at once, and one made anew is asked anew", async () => {
  const issuer = await registered("deleted");
  const text = await token(issuer);
  await assume("deleted", text);
  const root = world.iam(world.rootOf.A);
  await root.send(new iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: providerArn(issuer) }));
  await invalid(assume("deleted", text), `No OpenIDConnect provider found in your account for ${issuer.url}`);
  await register(issuer);
  issuer.keys = [];
  await invalid(assume("deleted", text), NO_KEY);
});
