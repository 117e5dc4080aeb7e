import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { seedService } from "../../src/cli/seeding.ts";
import { startTestServer, type TestServer } from "../harness.ts";

export const A = "000000000000";
export const B = "444455556666";
export const REGION = "us-east-1";

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** A server with two accounts, A and B, and clients for whoever is in them. */
export interface World {
  server: TestServer;
  rootOf: { A: Keys; B: Keys };
  kms(keys: Keys): kms.KMSClient;
  iam(keys: Keys): iam.IAMClient;
  sts(keys: Keys): sts.STSClient;
  stop(): Promise<void>;
}

export async function makeWorld(): Promise<World> {
  const server = await startTestServer();
  const rootOfB = { accessKeyId: "AKIAROOTOFACCOUNTB00", secretAccessKey: "the/secret+of/account+b0" };
  await seedService(server.service.kms, { accounts: [{ id: B, accessKeys: [rootOfB] }], keys: [] }, A);
  const clients = new Map<string, kms.KMSClient | iam.IAMClient | sts.STSClient>();
  function client<T extends kms.KMSClient | iam.IAMClient | sts.STSClient>(
    kind: new (config: { endpoint: string; region: string; credentials: Keys; maxAttempts: number }) => T,
    credentials: Keys,
  ): T {
    const name = `${kind.name} ${credentials.accessKeyId}`;
    let made = clients.get(name) as T | undefined;
    if (made === undefined) {
      made = new kind({ endpoint: server.endpoint, region: REGION, credentials, maxAttempts: 1 });
      clients.set(name, made);
    }
    return made;
  }
  return {
    server,
    rootOf: { A: server.credentials, B: rootOfB },
    kms: (keys) => client(kms.KMSClient, keys),
    iam: (keys) => client(iam.IAMClient, keys),
    sts: (keys) => client(sts.STSClient, keys),
    async stop() {
      for (const made of clients.values()) made.destroy();
      await server.stop();
    },
  };
}

/** A policy of these statements, as a text. */
export const policy = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });

/** Makes a user with an access key. */
export async function newUser(
  world: World,
  root: Keys,
  UserName: string,
): Promise<{ arn: string; id: string; keys: Keys }> {
  const client = world.iam(root);
  const { User } = await client.send(new iam.CreateUserCommand({ UserName }));
  const { AccessKey } = await client.send(new iam.CreateAccessKeyCommand({ UserName }));
  return {
    arn: User?.Arn as string,
    id: User?.UserId as string,
    keys: { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string },
  };
}

export function keysOf(credentials: sts.Credentials | undefined): Keys {
  return {
    accessKeyId: credentials?.AccessKeyId as string,
    secretAccessKey: credentials?.SecretAccessKey as string,
    sessionToken: credentials?.SessionToken as string,
  };
}
