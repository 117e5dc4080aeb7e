import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sts from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { A, type Keys, keysOf, makeWorld, newUser, type World } from "../authorization/world.ts";
import { Sha256 } from "../sha256.ts";

/** GetCallerIdentity, signed by one for another to send: how EKS and Vault learn who somebody is. */

let world: World;
let bob: Awaited<ReturnType<typeof newUser>>;
const BODY = "Action=GetCallerIdentity&Version=2011-06-15";
const FORM = "application/x-www-form-urlencoded; charset=utf-8";

before(async () => {
  world = await makeWorld();
  bob = await newUser(world, world.rootOf.A, "bob");
});
after(() => world.stop());

const signer = (credentials: Keys) =>
  new SignatureV4({ service: "sts", region: "us-east-1", credentials, sha256: Sha256 });

function request(method: string, headers: Record<string, string>, body?: string) {
  const { hostname, port, host } = new URL(world.server.endpoint);
  const query: Record<string, string> = body === undefined ? Object.fromEntries(new URLSearchParams(BODY)) : {};
  const whole = { ...headers, host };
  return {
    method,
    protocol: "http:",
    hostname,
    port: Number(port),
    path: "/",
    query,
    headers: whole,
    ...(body && { body }),
  };
}

async function presigned(credentials: Keys, headers: Record<string, string>, expiresIn = 60, signingDate = new Date()) {
  const unhoistableHeaders = new Set(Object.keys(headers));
  const options = { expiresIn, signingDate, unhoistableHeaders, unsignableHeaders: new Set<string>() };
  const { query } = await signer(credentials).presign(request("GET", headers), options);
  return `${world.server.endpoint}/?${new URLSearchParams(query as Record<string, string>).toString().replaceAll("+", "%20")}`;
}

async function answer(response: Response) {
  return { status: response.status, body: await response.text() };
}

async function sessionKeys(): Promise<Keys> {
  const { Credentials } = await world.sts(bob.keys).send(new sts.GetSessionTokenCommand({}));
  return keysOf(Credentials);
}

test("by GET, with another's header among what is signed", async () => {
  for (const keys of [bob.keys, await sessionKeys(), world.rootOf.A]) {
    const url = await presigned(keys, { "x-k8s-aws-id": "cluster-1" });
    const { status, body } = await answer(await fetch(url, { headers: { "x-k8s-aws-id": "cluster-1" } }));
    assert.equal(status, 200, body);
    assert.match(body, /<Arn>arn:aws:iam::000000000000:(?:user\/bob|root)<\/Arn>/);
    for (const headers of [{}, { "x-k8s-aws-id": "cluster-2" }] as Record<string, string>[]) {
      const other = await answer(await fetch(url, { headers }));
      assert.equal(other.status, 403);
      assert.match(other.body, /<Code>SignatureDoesNotMatch<\/Code>/);
    }
  }
});

test("by GET, in time", async () => {
  const headers = { "x-k8s-aws-id": "cluster-1" };
  const url = await presigned(bob.keys, headers, 60, new Date(Date.now() - 61_000));
  const { status, body } = await answer(await fetch(url, { headers }));
  assert.equal(status, 403);
  assert.match(body, /<Code>(?:SignatureDoesNotMatch|ExpiredToken)<\/Code>/);
});

test("by GET, for nothing else than was signed", async () => {
  const headers = { "x-k8s-aws-id": "cluster-1" };
  const url = await presigned(bob.keys, headers);
  const other = await answer(await fetch(url.replace("GetCallerIdentity", "GetSessionToken"), { headers }));
  assert.match(other.body, /<Code>SignatureDoesNotMatch<\/Code>/);
  assert.match((await answer(await fetch(`${url}&Extra=1`, { headers }))).body, /<Code>SignatureDoesNotMatch<\/Code>/);
});

test("by POST, with another's header among what is signed", async () => {
  for (const keys of [bob.keys, await sessionKeys()]) {
    const given = { "content-type": FORM, "x-vault-aws-iam-server-id": "vault.example.com" };
    const signed = await signer(keys).sign(request("POST", given, BODY));
    assert.match(signed.headers.authorization as string, /x-vault-aws-iam-server-id/);
    const { status, body } = await answer(
      await fetch(world.server.endpoint, { method: "POST", headers: signed.headers, body: BODY }),
    );
    assert.equal(status, 200, body);
    assert.match(body, new RegExp(`<UserId>${bob.id}</UserId>`));
    assert.match(body, new RegExp(`<Account>${A}</Account>`));
    const altered = { ...signed.headers, "x-vault-aws-iam-server-id": "other.example.com" };
    const other = await answer(await fetch(world.server.endpoint, { method: "POST", headers: altered, body: BODY }));
    assert.match(other.body, /<Code>SignatureDoesNotMatch<\/Code>/);
  }
});
