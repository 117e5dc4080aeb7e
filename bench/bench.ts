import { randomBytes } from "node:crypto";
import type { Pace } from "./compare.ts";
import type { Cores } from "./cores.ts";
import type { LoadGenerator } from "./loadGenerator.ts";
import { freePort, type RunningServer, startStrongroom, temporaryDirectory } from "./server.ts";
import { Signer, type SigningIdentity } from "./signer.ts";

/** What every part of the benchmark is given. */
export interface Bench {
  generator: LoadGenerator;
  bare: RunningServer;
  cores: Cores;
  pace: Pace;
  /** The entry point of the Strongroom that is measured. */
  entry: string;
  /** Where the servers' data directories are made. */
  parentDirectory: string;
  /** Says what is being done. */
  progress: (text: string) => void;
}

/** A running Strongroom, and what signs requests to it. */
export interface Instance {
  server: RunningServer;
  signer: Signer;
  /** Who may everything in its account. */
  root: SigningIdentity;
  /** Starts the same one again, with its data, on the same port; it must have ended. */
  restart: () => Promise<Instance>;
}

const root: SigningIdentity = {
  accessKeyId: "AKIASTRONGROOMBENCH0",
  secretAccessKey: randomBytes(30).toString("base64"),
  region: "us-east-1",
};

/** Starts a Strongroom with a data directory of its own. */
export async function newInstance(
  { entry, parentDirectory, cores }: Bench,
  options: { cores?: string | null; serveOptions?: string[] } = {},
): Promise<Instance> {
  const directory = temporaryDirectory(parentDirectory);
  const port = await freePort();
  const signer = new Signer(root, `127.0.0.1:${port}`);
  const restart = async (): Promise<Instance> => {
    const server = await startStrongroom({ entry, directory, cores: cores.server, root, port, ...options });
    return { server, signer, root, restart };
  };
  return restart();
}
