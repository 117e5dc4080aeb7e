/** A place in a text, both from 1. */
export interface Position {
  readonly Line: number;
  readonly Column: number;
}

/** Where a statement stands: at its braces. */
export interface Span {
  readonly start: Position;
  readonly end: Position;
}

/** Where the statements of a policy document stand in its text, in their order. @param text valid JSON of a policy */
export function statementSpans(text: string): Span[] {
  const spans: Span[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],\n]/g;
  let depth = 0;
  let member: string | undefined; // of the document itself: what is being read
  let named = false;
  let line = 1;
  let lineStart = 0;
  let start: Position | undefined; // of the statement that is being read
  let outside = 0; // how many brackets are open around it
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match;
    const place = { Line: line, Column: match.index - lineStart + 1 };
    if (token === "\n") {
      line++;
      lineStart = tokens.lastIndex;
    } else if (token === ",") {
      if (depth === 1) named = false;
    } else if (token.startsWith('"')) {
      if (depth === 1 && !named) member = JSON.parse(token);
      if (depth === 1) named = true;
    } else if (token === "{" || token === "[") {
      depth++;
      if (token === "{" && member === "Statement" && start === undefined) {
        start = place;
        outside = depth - 1;
      }
    } else {
      depth--;
      if (start === undefined || depth !== outside) continue;
      spans.push({ start, end: place });
      start = undefined;
    }
  }
  return spans;
}

/**
 * The condition keys that a policy document asks for, its variables among them, each once, as it spells them.
 * @param text valid JSON of a policy
 */
export function contextKeys(text: string): string[] {
  const { Version, Statement }: { Version?: string; Statement: Statement | Statement[] } = JSON.parse(text);
  const keys: string[] = [];
  for (const { Resource, NotResource, Condition = {} } of [Statement].flat()) {
    const values: unknown[] = [Resource ?? NotResource];
    for (const tests of Object.values(Condition)) {
      keys.push(...Object.keys(tests));
      values.push(...Object.values(tests));
    }
    if (Version === "2012-10-17") keys.push(...values.flat().flatMap(variables));
  }
  return distinctKeys(keys);
}

/** Keys without those that differ by case alone from an earlier one: they are the same. */
export function distinctKeys(keys: readonly string[]): string[] {
  const seen = new Map(keys.toReversed().map((key) => [key.toLowerCase(), key]));
  return keys.filter((key) => seen.get(key.toLowerCase()) === key && seen.delete(key.toLowerCase()));
}

interface Statement {
  Effect: string;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

/** `${key}` and `${key, 'default'}`; `${*}`, `${?}` and `${$}` are the characters themselves. */
function variables(value: unknown): string[] {
  if (typeof value !== "string") return [];
  return [...value.matchAll(/\$\{([^},]*)[^}]*\}/g)]
    .map(([, key = ""]) => key.trim())
    .filter((key) => !["*", "?", "$", ""].includes(key));
}

/**
 * Does a policy document allow anything of a service? What it denies does not matter.
 * @param text valid JSON of a policy
 * @param service the prefix of its actions, such as `kms`
 */
export function grantsService(text: string, service: string): boolean {
  const { Statement }: { Statement: Statement | Statement[] } = JSON.parse(text);
  const wanted = service.toLowerCase();
  return [Statement].flat().some(({ Effect, Action, NotAction }) => {
    if (Effect !== "Allow") return false;
    const actions = [Action ?? NotAction ?? []].flat().map((action) => action.toLowerCase());
    if (Action !== undefined) return actions.some((action) => action === "*" || action.startsWith(`${wanted}:`));
    return !actions.includes("*") && !actions.includes(`${wanted}:*`);
  });
}
