/**
 * What has to be undone when the benchmark ends, however it ends: children to kill, directories to remove.
 * Last registered, first undone.
 */
const undo: (() => void)[] = [];

/** Registers something to undo at the end; it must be synchronous and harmless when it was done already. */
export function atExit(action: () => void): void {
  undo.push(action);
}

process.on("exit", () => {
  for (const action of undo.reverse()) {
    try {
      action();
    } catch (error) {
      process.stderr.write(`cleaning up: ${error}\n`);
    }
  }
});

for (const [signal, number] of [
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGTERM", 15],
] as const) {
  process.on(signal, () => process.exit(128 + number));
}
