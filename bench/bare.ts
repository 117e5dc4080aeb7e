import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

/**
 * The yardstick: what `node:http` alone costs. Reads a request to its end, answers `ok`.
 * Alone: `node bench/bare.ts [port]`.
 */
export const BARE = fileURLToPath(import.meta.url);

if (import.meta.main) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => response.end("ok"));
  });
  server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
  });
  process.on("SIGTERM", () => process.exit(0));
}
