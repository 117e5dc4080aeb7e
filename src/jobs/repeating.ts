/** What happens by itself, now and then. */
export interface Jobs {
  /** Runs each once, now. */
  runAll(): Promise<void>;
  /** Waits for what is running, and runs nothing further. */
  stop(): Promise<void>;
}

export interface Repetition {
  /** never rejects */
  readonly run: () => Promise<void>;
  readonly intervalMs: number;
  /** whether it runs at once, too */
  readonly now: boolean;
  /** tells a run that is under way to end where it can */
  readonly end: () => void;
}

/** Runs something each `intervalMs`, one run at a time. It keeps no process alive. */
export function repeating({ run, intervalMs, now, end }: Repetition): Jobs {
  let running: Promise<void> | undefined;
  const start = () => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(start, intervalMs).unref();
  if (now) void start();
  return {
    async runAll() {
      await running;
      await start();
    },
    async stop() {
      end();
      clearInterval(timer);
      await running;
    },
  };
}
