import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createServer } from "node:tls";
import * as iam from "@aws-sdk/client-iam";
import { selfSigned } from "../../src/server/tls/localCa.ts";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { iamClient } from "./client.ts";

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

const account = "000000000000";
const print = (character: string) => character.repeat(40);
const create = (Url: string, rest: Partial<iam.CreateOpenIDConnectProviderCommandInput> = {}) =>
  root.send(new iam.CreateOpenIDConnectProviderCommand({ Url, ThumbprintList: [print("a")], ...rest }));
const get = async (OpenIDConnectProviderArn: string) => {
  const { $metadata, ...provider } = await root.send(
    new iam.GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }),
  );
  return provider;
};

test("what Terraform does with an aws_iam_openid_connect_provider", async () => {
  const Tags = [
    { Key: "bb", Value: "" },
    { Key: "a", Value: "1" },
  ];
  const created = await create("https://oidc.example.com/id/EXAMPLE", { ClientIDList: ["sts.amazonaws.com"], Tags });
  const arn = `arn:aws:iam::${account}:oidc-provider/oidc.example.com/id/EXAMPLE`;
  assert.deepEqual([created.OpenIDConnectProviderArn, created.Tags], [arn, Tags]);
  const { CreateDate, ...provider } = await get(arn);
  assert.ok(CreateDate instanceof Date);
  assert.deepEqual(provider, {
    Url: "oidc.example.com/id/EXAMPLE",
    ClientIDList: ["sts.amazonaws.com"],
    ThumbprintList: [print("a")],
    Tags: [Tags[1], Tags[0]],
  });
  const OpenIDConnectProviderArn = arn;
  await root.send(
    new iam.UpdateOpenIDConnectProviderThumbprintCommand({
      OpenIDConnectProviderArn,
      ThumbprintList: [print("c"), print("b")],
    }),
  );
  for (const ClientID of ["second", "second"]) {
    await root.send(new iam.AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }));
  }
  for (const ClientID of ["sts.amazonaws.com", "absent"]) {
    await root.send(new iam.RemoveClientIDFromOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, ClientID }));
  }
  await root.send(
    new iam.TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags: [{ Key: "A", Value: "2" }] }),
  );
  await root.send(new iam.UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys: ["a"] }));
  const changed = await get(arn);
  assert.deepEqual(changed.ThumbprintList, [print("c"), print("b")]);
  assert.deepEqual(changed.ClientIDList, ["second"]);
  const { Tags: tags } = await root.send(new iam.ListOpenIDConnectProviderTagsCommand({ OpenIDConnectProviderArn }));
  assert.deepEqual(tags, [{ Key: "A", Value: "2" }, Tags[0]]);
  const { OpenIDConnectProviderList } = await root.send(new iam.ListOpenIDConnectProvidersCommand({}));
  assert.deepEqual(OpenIDConnectProviderList, [{ Arn: arn }]);

  const remove = () => root.send(new iam.DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  await remove();
  assert.deepEqual(await failure(remove()), {
    name: "NoSuchEntityException",
    message: `OpenId connect Provider ${arn} cannot be found.`,
    status: 404,
  });
  assert.deepEqual(await failure(get(arn)), {
    name: "NoSuchEntityException",
    message: `OpenIDConnect Provider not found for arn ${arn}`,
    status: 404,
  });
});

test("a provider without clients has an empty list of them, and of tags", async () => {
  const { OpenIDConnectProviderArn, Tags } = await create("https://bare.example.com");
  assert.equal(Tags, undefined);
  const { ClientIDList, Tags: tags } = await get(OpenIDConnectProviderArn!);
  assert.deepEqual([ClientIDList, tags], [[], []]);
});

test("URLs that are none for a provider", async () => {
  for (const url of [
    "oidc.example.com",
    "http://oidc.example.com",
    "https://",
    "https://a b",
    "https://oidc.example.com/?q=1",
    "https://oidc.example.com/#f",
    "https://user@oidc.example.com",
  ]) {
    assert.deepEqual(
      await failure(create(url)),
      { name: "ValidationError", message: "Invalid Open ID Connect Provider URL", status: 400 },
      url,
    );
  }
});

test("URLs are told apart by case", async () => {
  await create("https://case.example.com/Path");
  await create("https://case.example.com/path");
  assert.deepEqual(await failure(create("https://case.example.com/path")), {
    name: "EntityAlreadyExistsException",
    message: "Provider with url https://case.example.com/path already exists.",
    status: 409,
  });
});

test("limits of a provider", async () => {
  const six = ["a", "b", "c", "d", "e", "f"].map(print);
  const { OpenIDConnectProviderArn } = await create("https://limits.example.com", { ThumbprintList: six.slice(1) });
  const tooMany = {
    name: "InvalidInputException",
    message: "Thumbprint list must contain fewer than 5 entries.",
    status: 400,
  };
  assert.deepEqual(await failure(create("https://six.example.com", { ThumbprintList: six })), tooMany);
  const update = (ThumbprintList: string[]) =>
    root.send(new iam.UpdateOpenIDConnectProviderThumbprintCommand({ OpenIDConnectProviderArn, ThumbprintList }));
  assert.deepEqual(await failure(update(six)), tooMany);
  assert.equal((await failure(update([]))).name, "InvalidInputException");
  const { name, message } = await failure(update([print("a").slice(1)]));
  assert.equal(name, "ValidationError");
  assert.match(message, /Member must have length greater than or equal to 40/);
  const clients = Array.from({ length: 101 }, (_, i) => `client-${i}`);
  const quota = {
    name: "LimitExceededException",
    message: "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
    status: 409,
  };
  assert.deepEqual(await failure(create("https://clients.example.com", { ClientIDList: clients })), quota);
  const full = await create("https://clients.example.com", { ClientIDList: clients.slice(1) });
  const add = new iam.AddClientIDToOpenIDConnectProviderCommand({
    OpenIDConnectProviderArn: full.OpenIDConnectProviderArn,
    ClientID: "another",
  });
  assert.deepEqual(await failure(root.send(add)), quota);
});

test("without thumbprints the host is asked for its last certificate", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "strongroom-oidc-"));
  const { cert, key } = await selfSigned(directory, ["localhost"], new Date());
  const chain = cert.toString().match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g)!;
  const host = createServer({ cert, key });
  t.after(() => {
    host.close();
    rmSync(directory, { recursive: true });
  });
  host.listen(0, "127.0.0.1");
  await new Promise((resolve) => host.once("listening", resolve));
  const { port } = host.address() as AddressInfo;
  const { OpenIDConnectProviderArn } = await create(`https://localhost:${port}/issuer`, { ThumbprintList: [] });
  const last = new X509Certificate(chain.at(-1)!).fingerprint.replaceAll(":", "").toLowerCase();
  const provider = await get(OpenIDConnectProviderArn!);
  assert.deepEqual([provider.Url, provider.ThumbprintList], [`localhost:${port}/issuer`, [last]]);
  await new Promise((resolve) => host.close(resolve));
  const refused = await failure(create(`https://localhost:${port}/other`, { ThumbprintList: [] }));
  assert.deepEqual([refused.name, refused.status], ["OpenIdIdpCommunicationErrorException", 400]);
  assert.equal((await root.send(new iam.ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList?.length, 6);
});
