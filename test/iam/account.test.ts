import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { accessKey, enabledDevice, iamClient } from "./client.ts";

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

const noSuch = (message: string) => ({ name: "NoSuchEntityException", message, status: 404 });

test("an account's alias", async () => {
  const alias = (AccountAlias: string) => root.send(new iam.CreateAccountAliasCommand({ AccountAlias }));
  const list = async () => {
    const { AccountAliases, IsTruncated } = await root.send(new iam.ListAccountAliasesCommand({}));
    assert.equal(IsTruncated, false);
    return AccountAliases;
  };
  assert.deepEqual(await list(), []);
  await alias("first");
  await alias("second-one");
  assert.deepEqual(await list(), ["second-one"]);
  assert.deepEqual(await failure(alias("second-one")), {
    name: "EntityAlreadyExistsException",
    message: "The account alias second-one already exists.",
    status: 409,
  });
  for (const refused of ["ab", "Upper", "two--dashes", "-a-", "123456789012"]) {
    assert.equal((await failure(alias(refused))).name, "ValidationError");
  }
  const remove = (AccountAlias: string) => root.send(new iam.DeleteAccountAliasCommand({ AccountAlias }));
  assert.deepEqual(await failure(remove("first")), noSuch("The account alias with name first cannot be found."));
  await remove("second-one");
  assert.deepEqual(await list(), []);
});

test("a password policy is replaced as a whole", async () => {
  const read = async () => (await root.send(new iam.GetAccountPasswordPolicyCommand({}))).PasswordPolicy;
  const remove = () => root.send(new iam.DeleteAccountPasswordPolicyCommand({}));
  assert.deepEqual(await failure(read()), noSuch("The Password Policy with domain name 000000000000 cannot be found."));
  const whole = {
    MinimumPasswordLength: 12,
    RequireSymbols: true,
    RequireNumbers: true,
    RequireUppercaseCharacters: true,
    RequireLowercaseCharacters: true,
    AllowUsersToChangePassword: true,
    MaxPasswordAge: 90,
    PasswordReusePrevention: 3,
    HardExpiry: false,
  };
  await root.send(new iam.UpdateAccountPasswordPolicyCommand(whole));
  assert.deepEqual(await read(), { ...whole, ExpirePasswords: true });
  await root.send(new iam.UpdateAccountPasswordPolicyCommand({ RequireNumbers: true }));
  assert.deepEqual(await read(), {
    MinimumPasswordLength: 6,
    RequireSymbols: false,
    RequireNumbers: true,
    RequireUppercaseCharacters: false,
    RequireLowercaseCharacters: false,
    AllowUsersToChangePassword: false,
    ExpirePasswords: false,
  });
  const wrong = new iam.UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 5, MaxPasswordAge: 1096 });
  assert.equal(
    (await failure(root.send(wrong))).message,
    "2 validation errors detected: Value at 'minimumPasswordLength' failed to satisfy constraint: Member must have value greater than or equal to 6; Value at 'maxPasswordAge' failed to satisfy constraint: Member must have value less than or equal to 1095",
  );
  await remove();
  assert.deepEqual(await failure(remove()), noSuch("The account policy with name PasswordPolicy cannot be found."));
});

test("the summary counts what there is", async () => {
  const empty = await startTestServer();
  const admin = iamClient(empty);
  const summary = async () => (await admin.send(new iam.GetAccountSummaryCommand({}))).SummaryMap;
  const before = {
    AccessKeysPerUserQuota: 2,
    AccountAccessKeysPresent: 1,
    AccountMFAEnabled: 0,
    AccountPasswordPresent: 0,
    AccountSigningCertificatesPresent: 0,
    AssumeRolePolicySizeQuota: 2048,
    AttachedPoliciesPerGroupQuota: 10,
    AttachedPoliciesPerRoleQuota: 10,
    AttachedPoliciesPerUserQuota: 10,
    GlobalEndpointTokenVersion: 1,
    GroupPolicySizeQuota: 5120,
    Groups: 0,
    GroupsPerUserQuota: 10,
    GroupsQuota: 300,
    InstanceProfiles: 0,
    InstanceProfilesQuota: 1000,
    MFADevices: 0,
    MFADevicesInUse: 0,
    Policies: 0,
    PoliciesQuota: 1500,
    PolicySizeQuota: 6144,
    PolicyVersionsInUse: 0,
    PolicyVersionsInUseQuota: 10000,
    Providers: 0,
    RolePolicySizeQuota: 10240,
    Roles: 0,
    RolesQuota: 1000,
    ServerCertificates: 0,
    ServerCertificatesQuota: 20,
    SigningCertificatesPerUserQuota: 2,
    UserPolicySizeQuota: 2048,
    Users: 0,
    UsersQuota: 5000,
    VersionsPerPolicyQuota: 5,
  };
  assert.deepEqual(await summary(), before);
  await admin.send(new iam.CreateUserCommand({ UserName: "u" }));
  await admin.send(new iam.CreateGroupCommand({ GroupName: "g" }));
  const document = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}';
  const policy = await admin.send(new iam.CreatePolicyCommand({ PolicyName: "p", PolicyDocument: document }));
  await admin.send(new iam.CreatePolicyVersionCommand({ PolicyArn: policy.Policy?.Arn, PolicyDocument: document }));
  const now = await summary();
  assert.deepEqual(now, { ...before, Users: 1, Groups: 1, Policies: 1, PolicyVersionsInUse: 2 });
  admin.destroy();
  await empty.stop();
});

test("a credential report", async () => {
  const own = await startTestServer();
  const admin = iamClient(own);
  const report = () => admin.send(new iam.GetCredentialReportCommand({}));
  const generate = async () => {
    const { State, Description } = await admin.send(new iam.GenerateCredentialReportCommand({}));
    return [State, Description];
  };
  const absent = await failure(report());
  assert.deepEqual([absent.name, absent.status], ["CredentialReportNotPresentException", 410]);

  await admin.send(new iam.CreateUserCommand({ UserName: "a,b", Path: '/"quoted",/' }));
  await admin.send(new iam.CreateUserCommand({ UserName: "full" }));
  await admin.send(new iam.CreateLoginProfileCommand({ UserName: "full", Password: "correct-Horse-1" }));
  await admin.send(new iam.UpdateAccountPasswordPolicyCommand({ MaxPasswordAge: 1 }));
  await enabledDevice(admin, "full");
  const key = await accessKey(admin, "full");
  const used = iamClient(own, key);
  await failure(used.send(new iam.GetUserCommand({})));
  const started = ["STARTED", "No report exists. Starting a new report generation task"];
  assert.deepEqual(await generate(), started);
  assert.deepEqual(await generate(), ["COMPLETE", undefined]);

  const { Content, ReportFormat, GeneratedTime } = await report();
  assert.equal(ReportFormat, "text/csv");
  assert.ok(Math.abs((GeneratedTime?.getTime() ?? 0) - Date.now()) < 10_000);
  const lines = Buffer.from(Content ?? [])
    .toString()
    .split("\n");
  const date = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00/g;
  assert.deepEqual(
    lines.map((line) => line.replace(date, "DATE")),
    [
      "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated",
      "<root_account>,arn:aws:iam::000000000000:root,DATE,not_supported,N/A,not_supported,not_supported,false,true,DATE,DATE,us-east-1,iam,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
      '"a,b","arn:aws:iam::000000000000:user/""quoted"",/a,b",DATE,false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A',
      "full,arn:aws:iam::000000000000:user/full,DATE,true,no_information,DATE,DATE,true,true,DATE,DATE,us-east-1,iam,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A",
    ],
  );
  const full = lines[3]?.split(",") ?? [];
  assert.equal(Date.parse(full[6] ?? "") - Date.parse(full[5] ?? ""), 86_400_000);

  own.moveClock(4 * 60 * 60 * 1000);
  const expired = await failure(report());
  assert.deepEqual([expired.name, expired.status], ["CredentialReportExpiredException", 410]);
  assert.deepEqual(await generate(), started);
  await report();
  used.destroy();
  admin.destroy();
  await own.stop();
});

test("what there is none of, clients are told so", async () => {
  await root.send(new iam.CreateUserCommand({ UserName: "someone" }));
  const UserName = "someone";
  const lists = [
    (await root.send(new iam.ListInstanceProfilesCommand({}))).InstanceProfiles,
    (await root.send(new iam.ListSAMLProvidersCommand({}))).SAMLProviderList,
    (await root.send(new iam.ListServerCertificatesCommand({}))).ServerCertificateMetadataList,
    (await root.send(new iam.ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys,
    (await root.send(new iam.ListSigningCertificatesCommand({ UserName }))).Certificates,
    (await root.send(new iam.ListServiceSpecificCredentialsCommand({ UserName }))).ServiceSpecificCredentials,
    (await root.send(new iam.ListServiceSpecificCredentialsCommand({ AllUsers: true }))).ServiceSpecificCredentials,
  ];
  for (const list of lists) assert.deepEqual(list, []);
  assert.equal((await root.send(new iam.ListSSHPublicKeysCommand({ UserName }))).IsTruncated, false);

  const AssumeRolePolicyDocument =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}';
  await root.send(new iam.CreateRoleCommand({ RoleName: "role", AssumeRolePolicyDocument }));
  const profiles = (RoleName: string) => root.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName }));
  const { InstanceProfiles, IsTruncated } = await profiles("role");
  assert.deepEqual([InstanceProfiles, IsTruncated], [[], false]);
  assert.deepEqual(await failure(profiles("absent")), noSuch("The role with name absent cannot be found."));
  const absent = { UserName: "absent" };
  for (const call of [
    root.send(new iam.ListSSHPublicKeysCommand(absent)),
    root.send(new iam.ListSigningCertificatesCommand(absent)),
    root.send(new iam.ListServiceSpecificCredentialsCommand(absent)),
  ]) {
    assert.deepEqual(await failure(call), noSuch("The user with name absent cannot be found."));
  }
});
