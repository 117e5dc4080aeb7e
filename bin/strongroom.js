#!/usr/bin/env node
// Starts Strongroom with the Node.js that came with it: the one that runs this file may be any from 20 on.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const MAJOR = 26;
const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

function bundledNode() {
  const require = createRequire(import.meta.url);
  try {
    const path = join(
      dirname(require.resolve("node/package.json")),
      "bin",
      process.platform === "win32" ? "node.exe" : "node",
    );
    if (existsSync(path)) return path;
  } catch {
    // not installed: install scripts may be forbidden
  }
  if (Number(process.versions.node.split(".")[0]) >= MAJOR) return process.execPath;
  process.stderr.write(
    `strongroom: needs Node.js ${MAJOR}, which its npm package "node" brings, but that is not installed (this is ${process.versions.node}). Install it again without --ignore-scripts.\n`,
  );
  process.exit(1);
}

if (!existsSync(main)) {
  process.stderr.write(
    `strongroom: ${main} is not built. In a checkout: npm run strongroom -- COMMAND, or npm run build first.\n`,
  );
  process.exit(1);
}

const child = spawn(bundledNode(), [main, ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (signal === "SIGKILL" ? 9 : 15);
});
