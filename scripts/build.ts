import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Node runs the sources as they are, but not under node_modules: what is published is JavaScript, in dist/.
const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
execFileSync(process.execPath, [`${root}node_modules/typescript-7/bin/tsc`, "--project", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
