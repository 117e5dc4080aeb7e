#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Compiled once, the sources start in half the time. Kept beside the packages, not where every user of the machine may write.
enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/strongroom", import.meta.url)));
const { run } = await import("./cli/program.ts");
await run();
