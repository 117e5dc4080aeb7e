import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateGrantCommand, CreateKeyCommand, type GrantOperation, KMSClient } from "@aws-sdk/client-kms";
import { Signer, type SigningIdentity } from "./signer.ts";
import type { Session } from "./workloads.ts";

const GRANTS = 20;

/**
 * The same server as seen by a user of a team: a key with the policy that the console makes (root, administrators, users,
 * who may make grants), an IAM policy, and 20 grants on the key.
 * @param by what lets the user in: its IAM policy, or a grant of its own
 */
export async function userSession(session: Session, by: "policy" | "grant"): Promise<Session> {
  const clients = {
    endpoint: `http://127.0.0.1:${session.server.port}`,
    region: "us-east-1",
    credentials: session.root,
  };
  const iam = new IAMClient(clients);
  const kms = new KMSClient(clients);
  const userOf = async (name: string) =>
    (await iam.send(new CreateUserCommand({ UserName: name }))).User?.Arn as string;
  const tag = `${by}-${Date.now()}`;
  const user = await userOf(`app-${tag}`);
  const administrator = await userOf(`administrator-${tag}`);
  const other = await userOf(`other-${tag}`);
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ Policy: JSON.stringify(consolePolicy(administrator, other)) }),
  );
  const key = { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string };
  for (let i = 0; i < GRANTS; i++) {
    await kms.send(grantTo(key.id, i % 4 === 0 ? other : await userOf(`grantee-${i}-${tag}`)));
  }
  if (by === "grant") await kms.send(grantTo(key.id, user, ["Encrypt", "Decrypt"]));
  else {
    const PolicyDocument = JSON.stringify(applicationPolicy(key.arn));
    await iam.send(new PutUserPolicyCommand({ UserName: `app-${tag}`, PolicyName: "app", PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: `app-${tag}` }));
  iam.destroy();
  kms.destroy();
  const identity: SigningIdentity = {
    accessKeyId: AccessKey?.AccessKeyId as string,
    secretAccessKey: AccessKey?.SecretAccessKey as string,
    region: "us-east-1",
  };
  return { ...session, keyId: key.id, signer: new Signer(identity, `127.0.0.1:${session.server.port}`) };
}

function grantTo(KeyId: string, GranteePrincipal: string, Operations: GrantOperation[] = ["Decrypt", "DescribeKey"]) {
  return new CreateGrantCommand({ KeyId, GranteePrincipal, Operations });
}

const ACCOUNT = "000000000000";

function consolePolicy(administrator: string, user: string): object {
  return {
    Version: "2012-10-17",
    Id: "key-consolepolicy-3",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "Allow access for Key Administrators",
        Effect: "Allow",
        Principal: { AWS: administrator },
        Action: ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:ScheduleKeyDeletion"],
        Resource: "*",
      },
      {
        Sid: "Allow use of the key",
        Effect: "Allow",
        Principal: { AWS: user },
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        Resource: "*",
      },
      {
        Sid: "Allow attachment of persistent resources",
        Effect: "Allow",
        Principal: { AWS: user },
        Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
        Resource: "*",
        Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
      },
    ],
  };
}

function applicationPolicy(keyArn: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["kms:ListAliases", "kms:ListKeys"], Resource: "*" },
      {
        Effect: "Allow",
        Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
        Resource: keyArn,
        Condition: { StringEquals: { "aws:PrincipalAccount": ACCOUNT } },
      },
    ],
  };
}
