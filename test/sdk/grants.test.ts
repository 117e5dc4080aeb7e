import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sdk from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { A, B, keysOf, makeWorld, newUser, policy, REGION, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";

type User = Awaited<ReturnType<typeof newUser>>;
type Grant = Omit<sdk.CreateGrantRequest, "KeyId">;

const ROOT_A = `arn:aws:iam::${A}:root`;
const ABSENT_ID = "f".repeat(64);
const Plaintext = Buffer.from("text");
let world: World;
let root: sdk.KMSClient;
let rootOfB: sdk.KMSClient;
let users = 0;

before(async () => {
  world = await makeWorld();
  root = world.kms(world.rootOf.A);
  rootOfB = world.kms(world.rootOf.B);
});
after(() => world.stop());

const user = (of: "A" | "B" = "A"): Promise<User> => newUser(world, world.rootOf[of], `grants-${users++}`);
const as = ({ keys }: Pick<User, "keys">) => world.kms(keys);

async function newKey(Policy?: string): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await root.send(
    new sdk.CreateKeyCommand(Policy === undefined ? {} : { Policy, BypassPolicyLockoutSafetyCheck: true }),
  );
  return { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string };
}

async function grant(KeyId: string, parameters: Grant, client = root): Promise<{ id: string; token: string }> {
  const { GrantId, GrantToken } = await client.send(new sdk.CreateGrantCommand({ KeyId, ...parameters }));
  return { id: GrantId as string, token: GrantToken as string };
}

async function list(KeyId: string, filter: Partial<sdk.ListGrantsRequest> = {}): Promise<sdk.GrantListEntry[]> {
  const { Grants } = await root.send(new sdk.ListGrantsCommand({ KeyId, ...filter }));
  return Grants ?? assert.fail("no list");
}

const encrypt = (client: sdk.KMSClient, KeyId: string, EncryptionContext?: Record<string, string>) =>
  client.send(new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext }));

/** "ok", or the name of what the call fails with. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    return (error as Error).name;
  }
}

const refusal = (name: string, message: string) => ({ name, message, status: 400 });

describe("what a grant is good for", () => {
  test("it allows its operations to its grantee, at once, until it is revoked", async () => {
    const [key, alice, eve] = await Promise.all([newKey(), user(), user()]);
    assert.equal(await outcome(encrypt(as(alice), key.id)), "AccessDeniedException");
    const made = await grant(key.id, { GranteePrincipal: alice.arn, Operations: ["Encrypt", "DescribeKey"] });
    assert.match(made.id, /^[0-9a-f]{64}$/);
    const { CiphertextBlob } = await encrypt(as(alice), key.id);
    await as(alice).send(new sdk.DescribeKeyCommand({ KeyId: key.id }));
    assert.equal(await outcome(encrypt(as(eve), key.id)), "AccessDeniedException");
    assert.deepEqual(
      await failure(as(alice).send(new sdk.DecryptCommand({ CiphertextBlob, KeyId: key.id }))),
      refusal(
        "AccessDeniedException",
        `User: ${alice.arn} is not authorized to perform: kms:Decrypt on resource: ${key.arn} because no identity-based policy allows the kms:Decrypt action`,
      ),
    );
    await root.send(new sdk.RevokeGrantCommand({ KeyId: key.id, GrantId: made.id }));
    assert.equal(await outcome(encrypt(as(alice), key.id)), "AccessDeniedException");
  });

  test("constraints: on what has an encryption context, not on DescribeKey", async () => {
    const [key, alice] = await Promise.all([newKey(), user()]);
    const may = (context?: Record<string, string>) => outcome(encrypt(as(alice), key.id, context));
    const equals = await grant(key.id, {
      GranteePrincipal: alice.arn,
      Operations: ["Encrypt", "DescribeKey"],
      Constraints: { EncryptionContextEquals: { a: "1" } },
    });
    assert.equal(await may({ a: "1" }), "ok");
    assert.equal(await may({ a: "1", b: "2" }), "AccessDeniedException");
    assert.equal(await may(), "AccessDeniedException");
    await as(alice).send(new sdk.DescribeKeyCommand({ KeyId: key.id }));
    await root.send(new sdk.RevokeGrantCommand({ KeyId: key.id, GrantId: equals.id }));
    await grant(key.id, {
      GranteePrincipal: alice.arn,
      Operations: ["Encrypt"],
      Constraints: { EncryptionContextSubset: { a: "1" } },
    });
    assert.equal(await may({ a: "1", b: "2" }), "ok");
    assert.equal(await may({ b: "2" }), "AccessDeniedException");
  });

  test("an explicit Deny in the key's policy wins over it", async () => {
    const alice = await user();
    const statement = { Effect: "Allow", Principal: { AWS: ROOT_A }, Action: "kms:*", Resource: "*" };
    const key = await newKey(
      policy(statement, { ...statement, Effect: "Deny", Principal: { AWS: alice.arn }, Action: "kms:Encrypt" }),
    );
    await grant(key.id, { GranteePrincipal: alice.arn, Operations: ["Encrypt"] });
    assert.match((await failure(encrypt(as(alice), key.id))).message, /explicit deny in a resource-based policy$/);
  });

  test("it crosses accounts: for a user without policies, and for an account through its IAM", async () => {
    const [key, bob, carol] = await Promise.all([newKey(), user("B"), user("B")]);
    await grant(key.id, { GranteePrincipal: bob.arn, Operations: ["Encrypt", "CreateGrant"] });
    await encrypt(as(bob), key.arn);
    assert.equal(await outcome(encrypt(as(carol), key.arn)), "AccessDeniedException");
    await grant(key.id, { GranteePrincipal: B, Operations: ["Encrypt"] });
    await encrypt(rootOfB, key.arn);
    assert.equal(await outcome(encrypt(as(carol), key.arn)), "AccessDeniedException");
    await world.iam(world.rootOf.B).send(
      new iam.PutUserPolicyCommand({
        UserName: carol.arn.split("/").at(-1),
        PolicyName: "p",
        PolicyDocument: policy({ Effect: "Allow", Action: "kms:Encrypt", Resource: key.arn }),
      }),
    );
    await encrypt(as(carol), key.arn);
    const child = await grant(key.arn, { GranteePrincipal: carol.arn, Operations: ["Encrypt"] }, as(bob));
    const [entry] = await list(key.id, { GrantId: child.id });
    assert.equal(entry?.IssuingAccount, `arn:aws:iam::${B}:root`);
  });

  test("a role's sessions, and one of them alone", async () => {
    const [key, other] = await Promise.all([newKey(), newKey()]);
    const client = world.iam(world.rootOf.A);
    const caller = await user();
    const { Role } = await client.send(
      new iam.CreateRoleCommand({
        RoleName: "granted",
        AssumeRolePolicyDocument: policy({
          Effect: "Allow",
          Principal: { AWS: caller.arn },
          Action: "sts:AssumeRole",
        }),
      }),
    );
    const session = async (RoleSessionName: string) => {
      const assume = new sts.AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName });
      return world.kms(keysOf((await world.sts(caller.keys).send(assume)).Credentials));
    };
    const [one, two] = [await session("one"), await session("two")];
    await grant(key.id, { GranteePrincipal: Role?.Arn, Operations: ["Encrypt"] });
    await Promise.all([encrypt(one, key.id), encrypt(two, key.id)]);
    const GranteePrincipal = `arn:aws:sts::${A}:assumed-role/granted/one`;
    await grant(other.id, { GranteePrincipal, Operations: ["Encrypt"] });
    await encrypt(one, other.id);
    assert.equal(await outcome(encrypt(two, other.id)), "AccessDeniedException");
    assert.deepEqual(
      (await list(other.id)).map((entry) => entry.GranteePrincipal),
      [GranteePrincipal],
    );
  });

  test("a new user of a deleted one's name has none of its grants", async () => {
    const [key, alice] = await Promise.all([newKey(), user()]);
    const UserName = alice.arn.split("/").at(-1) as string;
    const client = world.iam(world.rootOf.A);
    await grant(key.id, { GranteePrincipal: alice.arn, Operations: ["Encrypt"] });
    await client.send(new iam.UpdateUserCommand({ UserName, NewUserName: `${UserName}-renamed` }));
    await encrypt(as(alice), key.id);
    assert.equal((await list(key.id))[0]?.GranteePrincipal, `${alice.arn}-renamed`);
    const again = await newUser(world, world.rootOf.A, UserName);
    assert.equal(again.arn, alice.arn);
    assert.equal(await outcome(encrypt(as(again), key.id)), "AccessDeniedException");
    const { accessKeyId: AccessKeyId } = alice.keys;
    await client.send(new iam.DeleteAccessKeyCommand({ UserName: `${UserName}-renamed`, AccessKeyId }));
    await client.send(new iam.DeleteUserCommand({ UserName: `${UserName}-renamed` }));
    assert.equal((await list(key.id))[0]?.GranteePrincipal, alice.id);
  });
});

describe("CreateGrant", () => {
  test("by a grant: children allow no more than their parent", async () => {
    const [key, alice, bob] = await Promise.all([newKey(), user(), user()]);
    const Constraints = { EncryptionContextSubset: { a: "1" } };
    await grant(key.id, { GranteePrincipal: alice.arn, Operations: ["CreateGrant", "Encrypt"], Constraints });
    const child = (parameters: Partial<Grant>) =>
      outcome(grant(key.id, { GranteePrincipal: bob.arn, Operations: ["Encrypt"], ...parameters }, as(alice)));
    assert.equal(await child({}), "AccessDeniedException");
    assert.equal(await child({ Constraints, Operations: ["Encrypt", "Decrypt"] }), "AccessDeniedException");
    assert.equal(await child({ Constraints: { EncryptionContextSubset: { b: "2" } } }), "AccessDeniedException");
    assert.equal(await child({ Constraints: { EncryptionContextEquals: { a: "1", b: "2" } } }), "ok");
    await encrypt(as(bob), key.id, { a: "1", b: "2" });
    assert.equal(await outcome(encrypt(as(bob), key.id, { a: "1" })), "AccessDeniedException");
    assert.equal(
      await outcome(grant(key.id, { GranteePrincipal: bob.arn, Operations: ["Encrypt"], Constraints }, as(bob))),
      "AccessDeniedException",
    );
  });

  test("by policy there is nothing that it could not give", async () => {
    const [key, alice, bob] = await Promise.all([newKey(), user(), user()]);
    await world.iam(world.rootOf.A).send(
      new iam.PutUserPolicyCommand({
        UserName: alice.arn.split("/").at(-1),
        PolicyName: "p",
        PolicyDocument: policy({ Effect: "Allow", Action: "kms:CreateGrant", Resource: key.arn }),
      }),
    );
    await grant(key.id, { GranteePrincipal: bob.arn, Operations: ["Encrypt"] }, as(alice));
    await encrypt(as(bob), key.id);
  });

  test("with a name it is made once; each time the token is another one", async () => {
    const [key, alice, bob] = await Promise.all([newKey(), user(), user()]);
    const named: Grant = {
      Name: "backup",
      GranteePrincipal: alice.arn,
      RetiringPrincipal: bob.arn,
      Operations: ["Encrypt", "Decrypt"],
      Constraints: { EncryptionContextEquals: { a: "1", b: "2" } },
    };
    const first = await grant(key.id, named);
    const again = await grant(key.id, {
      ...named,
      Operations: ["Decrypt", "Encrypt"],
      Constraints: { EncryptionContextEquals: { b: "2", a: "1" } },
    });
    assert.equal(again.id, first.id);
    assert.notEqual(again.token, first.token);
    for (const different of [
      { GranteePrincipal: bob.arn },
      { RetiringPrincipal: undefined },
      { Operations: ["Encrypt" as const] },
      { Constraints: { EncryptionContextSubset: { a: "1", b: "2" } } },
      { Name: "other" },
      { Name: undefined },
      { Name: undefined },
    ]) {
      assert.notEqual((await grant(key.id, { ...named, ...different })).id, first.id);
    }
    assert.equal((await list(key.id)).length, 8);
  });

  test("principals that are none: AWS's refusal", async () => {
    const [key, alice] = await Promise.all([newKey(), user()]);
    await world.iam(world.rootOf.A).send(new iam.CreateGroupCommand({ GroupName: "g" }));
    for (const arn of [
      `arn:aws:iam::${A}:user/nobody`,
      `arn:aws:iam::${A}:role/nobody`,
      `arn:aws:iam::${A}:group/g`,
      `arn:aws:iam::${A}:saml-provider/p`,
      "arn:aws:iam::999999999999:root",
      "999999999999",
      "arn:aws:sts::999999999999:assumed-role/r/s",
      `arn:aws:sts::${A}:assumed-role/r`,
      "arn:aws:organizations::111122223333:organization/o-abcdefghij",
      "nobody",
      alice.id,
    ]) {
      const refused = refusal("InvalidArnException", `ARN does not refer to a valid principal: ${arn}`);
      assert.deepEqual(await failure(grant(key.id, { GranteePrincipal: arn, Operations: ["Encrypt"] })), refused);
      const retiring = { GranteePrincipal: alice.arn, RetiringPrincipal: arn, Operations: ["Encrypt" as const] };
      assert.deepEqual(await failure(grant(key.id, retiring)), refused);
    }
    assert.deepEqual(await list(key.id), []);
  });

  test("what the page forbids", async () => {
    const [key, alice] = await Promise.all([newKey(), user()]);
    const service = "dynamodb.amazonaws.com";
    const SourceArn = `arn:aws:dynamodb:${REGION}:${A}:table/t`;
    const good = { GranteePrincipal: alice.arn, Operations: ["Encrypt"] } satisfies Grant;
    const bad: [Grant, RegExp][] = [
      [{ Operations: ["Encrypt"] }, /either GranteePrincipal or GranteeServicePrincipal/],
      [{ ...good, GranteeServicePrincipal: service }, /either GranteePrincipal or GranteeServicePrincipal/],
      [{ ...good, RetiringPrincipal: ROOT_A, RetiringServicePrincipal: service }, /but not both/],
      [{ Operations: ["Encrypt"], GranteeServicePrincipal: service, RetiringPrincipal: ROOT_A }, /SourceArn/],
      [
        { Operations: ["Encrypt"], GranteeServicePrincipal: service, Constraints: { SourceArn } },
        /RetiringPrincipal or RetiringServicePrincipal/,
      ],
      [{ ...good, Operations: [] }, /'operations'/],
      [{ ...good, Operations: ["Encrypt", "Sign"] }, /cannot allow Sign/],
      [{ ...good, Operations: ["GetPublicKey"] }, /cannot allow GetPublicKey/],
      [
        { ...good, Constraints: { EncryptionContextEquals: { a: "1" }, EncryptionContextSubset: { a: "1" } } },
        /but not both/,
      ],
    ];
    for (const [parameters, message] of bad) {
      const refused = await failure(grant(key.id, parameters));
      assert.equal(refused.name, "ValidationException");
      assert.match(refused.message, message);
    }
    assert.deepEqual(await list(key.id), []);
    assert.equal(
      (await failure(grant("alias/x", good))).message,
      "Invalid keyId 'alias/x'",
      "a bare alias is no key here",
    );
    assert.deepEqual(
      await failure(grant(`arn:aws:kms:${REGION}:${A}:alias/x`, good)),
      refusal("InvalidArnException", "Key Aliases are not supported for this operation"),
    );
  });

  test("for an AWS service: kept and listed, and for nobody else to use", async () => {
    const key = await newKey();
    const service = "dynamodb.amazonaws.com";
    const Constraints = { SourceArn: `arn:aws:dynamodb:${REGION}:${A}:table/t` };
    const { id } = await grant(key.id, {
      GranteeServicePrincipal: service,
      RetiringServicePrincipal: service,
      Operations: ["Encrypt"],
      Constraints,
    });
    const [{ CreationDate, ...entry }] = (await list(key.id)) as [sdk.GrantListEntry];
    assert.ok(CreationDate);
    assert.deepEqual(entry, {
      KeyId: key.arn,
      GrantId: id,
      Name: "",
      GranteeServicePrincipal: service,
      RetiringServicePrincipal: service,
      IssuingAccount: ROOT_A,
      Operations: ["Encrypt"],
      Constraints,
    });
  });

  test("conditions see what is asked for", async () => {
    const [alice, bob] = await Promise.all([user(), user()]);
    const statement = { Effect: "Allow", Principal: { AWS: ROOT_A }, Action: "kms:*", Resource: "*" };
    const allowedIf = async (Condition: object, parameters: Partial<Grant> = {}): Promise<boolean> => {
      const key = await newKey(policy({ ...statement, Condition }));
      const asked = { GranteePrincipal: alice.arn, Operations: ["Encrypt" as const], ...parameters };
      return (await outcome(grant(key.id, asked))) === "ok";
    };
    const rows: [object, Partial<Grant>, boolean][] = [
      [{ StringEquals: { "kms:GranteePrincipal": alice.arn } }, {}, true],
      [{ StringEquals: { "kms:GranteePrincipal": bob.arn } }, {}, false],
      [{ StringEquals: { "kms:RetiringPrincipal": bob.arn } }, { RetiringPrincipal: bob.arn }, true],
      [{ StringEquals: { "kms:RetiringPrincipal": bob.arn } }, {}, false],
      [{ "ForAllValues:StringEquals": { "kms:GrantOperations": ["Encrypt", "Decrypt"] } }, {}, true],
      [{ "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"] } }, {}, false],
      [
        { StringEquals: { "kms:GrantConstraintType": "EncryptionContextSubset" } },
        { Constraints: { EncryptionContextSubset: { a: "1" } } },
        true,
      ],
      [{ StringEquals: { "kms:GrantConstraintType": "EncryptionContextSubset" } }, {}, false],
      [
        { StringEquals: { "kms:EncryptionContext:A": "1" } },
        { Constraints: { EncryptionContextEquals: { a: "1" } } },
        true,
      ],
      [{ Bool: { "kms:GrantIsForAWSResource": "true" } }, {}, false],
      [{ Bool: { "kms:GrantIsForAWSResource": "false" } }, {}, true],
    ];
    for (const [condition, parameters, allowed] of rows) {
      assert.equal(await allowedIf(condition, parameters), allowed, JSON.stringify(condition));
    }
  });

  test("no more than 50,000 on a key; the same one again is not one more", async () => {
    const [key, alice] = await Promise.all([newKey(), user()]);
    const named: Grant = { Name: "n", GranteePrincipal: alice.arn, Operations: ["Encrypt"] };
    const { id } = await grant(key.id, named);
    const { store } = world.server.service.kms;
    const ref = { account: A, region: REGION, id: key.id };
    const record = (await store.grant(ref, id)) ?? assert.fail("not there");
    await store.transaction(async (transaction) => {
      for (let i = 1; i < 49_999; i++) {
        await transaction.putGrant({ ...record, grantee: "AIDAELSE", name: "", id: i.toString(16).padStart(64, "0") });
      }
    });
    const last = await grant(key.id, { ...named, Name: "last" });
    assert.deepEqual(
      await failure(grant(key.id, { ...named, Name: "more" })),
      refusal("LimitExceededException", "The key already has 50000 grants, the most that one can have."),
    );
    assert.equal((await grant(key.id, named)).id, id);
    await root.send(new sdk.RevokeGrantCommand({ KeyId: key.id, GrantId: last.id }));
    await grant(key.id, { ...named, Name: "more" });
    await encrypt(as(alice), key.id);
  });
});

describe("ListGrants, ListRetirableGrants", () => {
  test("all of a key, page by page, and those of one id or grantee", async () => {
    const [key, alice, bob] = await Promise.all([newKey(), user(), user()]);
    const ids = new Set<string>();
    for (const [i, GranteePrincipal] of [alice.arn, alice.arn, bob.arn, ROOT_A, alice.arn].entries()) {
      ids.add((await grant(key.id, { GranteePrincipal, Operations: ["Encrypt"], Name: `n:/_-${i}` })).id);
    }
    const seen: string[] = [];
    let pages = 0;
    for await (const { Grants } of sdk.paginateListGrants({ client: root }, { KeyId: key.arn, Limit: 2 })) {
      seen.push(...(Grants ?? []).map(({ GrantId }) => GrantId as string));
      pages++;
    }
    assert.equal(pages, 3);
    assert.deepEqual(new Set(seen), ids);
    assert.equal(seen.length, 5);
    assert.equal((await list(key.id, { GranteePrincipal: alice.arn })).length, 3);
    assert.deepEqual(
      (await list(key.id, { GranteePrincipal: A })).map(({ GranteePrincipal }) => GranteePrincipal),
      [ROOT_A],
    );
    const [of] = await list(key.id, { GranteePrincipal: bob.arn });
    assert.deepEqual(await list(key.id, { GrantId: of?.GrantId }), [of]);
    assert.deepEqual(await list(key.id, { GrantId: of?.GrantId, GranteePrincipal: alice.arn }), []);
    assert.deepEqual(await list(key.id, { GrantId: ABSENT_ID }), []);
    assert.deepEqual(await list(key.id, { GranteePrincipal: `arn:aws:iam::${A}:user/nobody` }), []);
    assert.equal(await outcome(list(key.id, { GrantId: "x" })), "InvalidGrantIdException");
    assert.equal(await outcome(list(key.id, { Marker: "x" })), "InvalidMarkerException");
    assert.equal(await outcome(list(key.id, { GranteeServicePrincipal: "s3.amazonaws.com" })), "ValidationException");
  });

  test("what a principal of the caller's account may retire, on keys of any account", async () => {
    const [key, other, bob] = await Promise.all([newKey(), newKey(), user("B")]);
    const retirable = { RetiringPrincipal: bob.arn, GranteePrincipal: ROOT_A, Operations: ["Encrypt" as const] };
    const made = [await grant(key.id, retirable), await grant(other.id, retirable)];
    await grant(key.id, { ...retirable, RetiringPrincipal: ROOT_A });
    const { Grants, Truncated } = await rootOfB.send(
      new sdk.ListRetirableGrantsCommand({ RetiringPrincipal: bob.arn }),
    );
    assert.equal(Truncated, false);
    assert.deepEqual(Grants?.map(({ GrantId }) => GrantId).sort(), made.map(({ id }) => id).sort());
    assert.deepEqual(new Set(Grants?.map(({ KeyId }) => KeyId)), new Set([key.arn, other.arn]));
    assert.equal(Grants?.[0]?.RetiringPrincipal, bob.arn);
    const ask = (RetiringPrincipal: string, client = root) =>
      failure(client.send(new sdk.ListRetirableGrantsCommand({ RetiringPrincipal })));
    assert.deepEqual(
      await ask(bob.arn),
      refusal(
        "AccessDeniedException",
        `User: ${ROOT_A} is not authorized to perform: kms:ListRetirableGrants on resource: ${bob.arn} because no resource-based policy allows the kms:ListRetirableGrants action`,
      ),
    );
    assert.match((await ask(bob.arn, as(bob))).message, /because no identity-based policy allows/);
    assert.equal((await ask("nobody")).name, "InvalidArnException");
    assert.equal(
      await outcome(root.send(new sdk.ListRetirableGrantsCommand({} as sdk.ListRetirableGrantsRequest))),
      "ValidationException",
    );
    const paged = sdk.paginateListRetirableGrants({ client: rootOfB, pageSize: 1 }, { RetiringPrincipal: bob.arn });
    const pages: unknown[] = [];
    for await (const page of paged) pages.push(page.Grants?.length);
    assert.deepEqual(pages, [1, 1]);
  });
});

describe("RevokeGrant, RetireGrant", () => {
  const retire = (client: sdk.KMSClient, by: sdk.RetireGrantRequest) => client.send(new sdk.RetireGrantCommand(by));

  test("whoever may retire, by token or by key and id", async () => {
    const [key, alice, bob, carol] = await Promise.all([newKey(), user(), user("B"), user()]);
    const parameters: Grant = {
      GranteePrincipal: alice.arn,
      RetiringPrincipal: bob.arn,
      Operations: ["Encrypt", "RetireGrant"],
      Constraints: { EncryptionContextEquals: { a: "1" } },
    };
    const made = () => grant(key.id, parameters);
    const gone = async ({ id }: { id: string }) => (await list(key.id, { GrantId: id })).length === 0;
    for (const client of [as(alice), as(bob), root]) {
      const [one, two] = [await made(), await made()];
      await retire(client, { GrantToken: one.token });
      await retire(client, { KeyId: key.arn, GrantId: two.id });
      assert.ok((await gone(one)) && (await gone(two)));
    }
    const kept = await made();
    assert.equal(await outcome(retire(as(carol), { GrantToken: kept.token })), "AccessDeniedException");
    assert.equal(await outcome(retire(rootOfB, { GrantToken: kept.token })), "AccessDeniedException");
    await world.iam(world.rootOf.A).send(
      new iam.PutUserPolicyCommand({
        UserName: carol.arn.split("/").at(-1),
        PolicyName: "p",
        PolicyDocument: policy({ Effect: "Allow", Action: "kms:RetireGrant", Resource: key.arn }),
      }),
    );
    await retire(as(carol), { KeyId: key.id, GrantId: kept.id });
    const without = await grant(key.id, { ...parameters, Operations: ["Encrypt"] });
    const another = await made();
    assert.equal(await outcome(retire(as(alice), { KeyId: key.arn, GrantId: without.id })), "AccessDeniedException");
    await retire(as(alice), { KeyId: key.arn, GrantId: another.id });
  });

  test("the key's own account may retire, even where its key policy says nothing of it", async () => {
    const alice = await user();
    const key = await newKey(
      policy({ Effect: "Allow", Principal: { AWS: alice.arn }, Action: "kms:CreateGrant", Resource: "*" }),
    );
    const { id } = await grant(key.id, { GranteePrincipal: alice.arn, Operations: ["Encrypt"] }, as(alice));
    assert.equal(await outcome(retire(as(alice), { KeyId: key.arn, GrantId: id })), "AccessDeniedException");
    await retire(root, { KeyId: key.arn, GrantId: id });
    assert.equal(await outcome(encrypt(as(alice), key.id)), "AccessDeniedException");
  });

  test("revoking is for whom the key's policy or IAM allows it, and not for the retiring principal", async () => {
    const [key, alice, bob] = await Promise.all([newKey(), user(), user("B")]);
    const Operations: sdk.GrantOperation[] = ["Encrypt", "RetireGrant"];
    const { id: GrantId } = await grant(key.id, {
      GranteePrincipal: alice.arn,
      RetiringPrincipal: bob.arn,
      Operations,
    });
    for (const client of [as(alice), as(bob)]) {
      const revoke = client.send(new sdk.RevokeGrantCommand({ KeyId: key.arn, GrantId }));
      assert.equal(await outcome(revoke), "AccessDeniedException");
    }
    await root.send(new sdk.RevokeGrantCommand({ KeyId: key.arn, GrantId }));
  });

  test("what is not there, and what names no grant", async () => {
    const [key, other, alice] = await Promise.all([newKey(), newKey(), user()]);
    const { id, token } = await grant(key.id, { GranteePrincipal: alice.arn, Operations: ["Encrypt"] });
    const revoke = (KeyId: string, GrantId: string) => root.send(new sdk.RevokeGrantCommand({ KeyId, GrantId }));
    const missing = (arn: string, absent: string) =>
      refusal("NotFoundException", `Grant '${absent}' on key '${arn}' does not exist`);
    assert.deepEqual(await failure(revoke(other.id, id)), missing(other.arn, id));
    assert.deepEqual(await failure(revoke(key.id, ABSENT_ID)), missing(key.arn, ABSENT_ID));
    assert.deepEqual(await failure(revoke(key.id, "x")), refusal("InvalidGrantIdException", "Invalid grant id 'x'"));
    await revoke(key.id, id);
    assert.deepEqual(await failure(revoke(key.id, id)), missing(key.arn, id));
    assert.deepEqual(await failure(retire(root, { GrantToken: token })), missing(key.arn, id));
    assert.equal(await outcome(retire(rootOfB, { GrantToken: token })), "AccessDeniedException");
    for (const by of [
      {},
      { KeyId: key.arn },
      { GrantId: id },
      { GrantToken: token, KeyId: key.arn, GrantId: id },
    ] as sdk.RetireGrantRequest[]) {
      assert.deepEqual(
        await failure(retire(root, by)),
        refusal("ValidationException", "You must specify either GrantToken, or both KeyId and GrantId."),
      );
    }
  });
});

describe("grant tokens", () => {
  test("authentic ones of grants that are there are taken, and nothing else", async () => {
    const [key, alice] = await Promise.all([newKey(), user()]);
    const { id, token } = await grant(key.id, { GranteePrincipal: alice.arn, Operations: ["Encrypt", "CreateGrant"] });
    const child = (GrantTokens: string[]) =>
      grant(key.id, { GranteePrincipal: alice.arn, Operations: ["Encrypt"], GrantTokens }, as(alice));
    await child([token]);
    await child([token, token]);
    const invalid = refusal("InvalidGrantTokenException", "The grant token is not valid.");
    const middle = token.length / 2;
    const changed = token.slice(0, middle) + (token[middle] === "A" ? "B" : "A") + token.slice(middle + 1);
    for (const bad of [
      "x",
      changed,
      `${token}=`,
      `${token} `,
      token.slice(0, -4),
      Buffer.alloc(90, 1).toString("base64url"),
    ]) {
      assert.deepEqual(await failure(child([token, bad])), invalid, bad);
      assert.deepEqual(await failure(root.send(new sdk.RetireGrantCommand({ GrantToken: bad }))), invalid, bad);
    }
    const elsewhere = new sdk.KMSClient({
      endpoint: world.server.endpoint,
      region: "eu-west-1",
      credentials: world.rootOf.A,
      maxAttempts: 1,
    });
    assert.deepEqual(await failure(elsewhere.send(new sdk.RetireGrantCommand({ GrantToken: token }))), invalid);
    elsewhere.destroy();
    await root.send(new sdk.RevokeGrantCommand({ KeyId: key.id, GrantId: id }));
    const left = { GranteePrincipal: alice.arn, Operations: ["Encrypt" as const], GrantTokens: [token] };
    assert.deepEqual(await failure(grant(key.id, left)), invalid);
  });
});

test("DryRun: what would have been done, is not", async () => {
  const [key, alice] = await Promise.all([newKey(), user()]);
  const parameters: Grant = { GranteePrincipal: alice.arn, Operations: ["Encrypt"] };
  const dry = refusal("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
  assert.deepEqual(await failure(grant(key.id, { ...parameters, DryRun: true })), dry);
  assert.deepEqual(await list(key.id), []);
  const { id: GrantId, token: GrantToken } = await grant(key.id, parameters);
  const KeyId = key.arn;
  assert.deepEqual(await failure(root.send(new sdk.RevokeGrantCommand({ KeyId, GrantId, DryRun: true }))), dry);
  assert.deepEqual(await failure(root.send(new sdk.RetireGrantCommand({ GrantToken, DryRun: true }))), dry);
  assert.equal((await list(key.id)).length, 1);
  assert.equal(
    await outcome(grant(key.id, { ...parameters, GranteePrincipal: "nobody", DryRun: true })),
    "InvalidArnException",
  );
  const absent = new sdk.RevokeGrantCommand({ KeyId, GrantId: ABSENT_ID, DryRun: true });
  assert.equal(await outcome(root.send(absent)), "NotFoundException");
});

test("a key's deletion takes its grants along", async () => {
  const [key, alice] = await Promise.all([newKey(), user()]);
  const { token } = await grant(key.id, {
    GranteePrincipal: alice.arn,
    RetiringPrincipal: alice.arn,
    Operations: ["Encrypt"],
  });
  await encrypt(as(alice), key.id);
  const { kms } = world.server.service;
  await kms.store.transaction((transaction) => transaction.deleteKey({ account: A, region: REGION, id: key.id }));
  assert.equal(await outcome(encrypt(as(alice), key.id)), "NotFoundException");
  assert.equal(await outcome(root.send(new sdk.RetireGrantCommand({ GrantToken: token }))), "NotFoundException");
  const { Grants } = await world
    .kms(world.rootOf.A)
    .send(new sdk.ListRetirableGrantsCommand({ RetiringPrincipal: alice.arn }));
  assert.deepEqual(Grants, []);
});
