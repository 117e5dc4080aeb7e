import type { RequestContext } from "./context.ts";

/** What a text of a policy is compared as. */
export interface PatternOptions {
  /** `*` and `?` are wildcards */
  readonly wildcards: boolean;
  /** `${key}` is a variable: in policies of version 2012-10-17 */
  readonly variables: boolean;
  readonly ignoreCase?: boolean;
}

const LITERAL = 0;
const ANY_RUN = 1;
const ANY_ONE = 2;

/** A text of a policy, compiled. */
export interface Pattern {
  /** False also when a variable in the pattern has no value: nothing equals nothing. */
  matches(text: string, context: RequestContext): boolean;
}

interface Variable {
  readonly key: string;
  readonly fallback: string | undefined;
}

/**
 * Compiles a text with wildcards and policy variables. `${*}`, `${?}` and `${$}` stand for the characters themselves; an
 * inserted value is literal, so that a tag's `*` is no wildcard. Source: IAM User Guide, "Policy variables".
 */
export function compilePattern(text: string, options: PatternOptions): Pattern {
  const parts: Part[] = [];
  let literal = "";
  const flush = () => {
    if (literal !== "") parts.push(fold(literal, options));
    literal = "";
  };
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    const end = options.variables && character === "$" && text.charAt(i + 1) === "{" ? text.indexOf("}", i) : -1;
    if (end > 0) {
      const inner = text.slice(i + 2, end);
      i = end;
      if (inner === "*" || inner === "?" || inner === "$") {
        literal += inner;
        continue;
      }
      flush();
      parts.push(variable(inner));
    } else if (options.wildcards && (character === "*" || character === "?")) {
      flush();
      parts.push(character === "*" ? ANY_RUN : ANY_ONE);
    } else {
      literal += character;
    }
  }
  flush();
  return parts.some((part) => typeof part === "object") ? new VariablePattern(parts, options) : fixed(parts, options);
}

type Part = string | typeof ANY_RUN | typeof ANY_ONE | Variable;

function fold(text: string, options: PatternOptions): string {
  return options.ignoreCase ? text.toLowerCase() : text;
}

function variable(inner: string): Variable {
  const [, key, fallback] = /^([^,]*?)(?:,\s*'([^']*)')?$/.exec(inner) ?? [undefined, inner, undefined];
  return { key: (key ?? inner).trim().toLowerCase(), fallback };
}

/** A pattern without variables. The common forms need no search. */
function fixed(parts: readonly Part[], options: PatternOptions): Pattern {
  const folded = (text: string) => fold(text, options);
  if (parts.length === 1 && parts[0] === ANY_RUN) return { matches: () => true };
  if (parts.every((part) => typeof part === "string")) {
    const whole = parts.join("");
    return { matches: (text) => folded(text) === whole };
  }
  const [first, second] = parts;
  if (parts.length === 2 && typeof first === "string" && second === ANY_RUN) {
    return { matches: (text) => folded(text).startsWith(first) };
  }
  const glob = new Glob();
  for (const part of parts) glob.add(part as string | typeof ANY_RUN | typeof ANY_ONE);
  return { matches: (text) => glob.matches(folded(text)) };
}

class VariablePattern implements Pattern {
  readonly #parts: readonly Part[];
  readonly #options: PatternOptions;

  constructor(parts: readonly Part[], options: PatternOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  matches(text: string, context: RequestContext): boolean {
    const glob = new Glob();
    for (const part of this.#parts) {
      if (typeof part !== "object") {
        glob.add(part);
        continue;
      }
      const given = context.get(part.key);
      const value = typeof given === "string" ? given : part.fallback; // a list is as good as nothing
      if (value === undefined) return false;
      glob.add(fold(value, this.#options));
    }
    return glob.matches(fold(text, this.#options));
  }
}

/** Literal characters and wildcards in a row. Matching takes at most text × pattern steps, whatever the pattern. */
class Glob {
  #characters = "";
  readonly #kinds: number[] = [];

  add(part: string | typeof ANY_RUN | typeof ANY_ONE): void {
    if (typeof part === "string") {
      this.#characters += part;
      for (let i = 0; i < part.length; i++) this.#kinds.push(LITERAL);
    } else {
      this.#characters += "*";
      this.#kinds.push(part);
    }
  }

  matches(text: string): boolean {
    const kinds = this.#kinds;
    const characters = this.#characters;
    let at = 0;
    let p = 0;
    let runAt = -1; // the last run's place in the pattern, and how far into the text it reaches
    let runReach = 0;
    while (at < text.length) {
      const kind = kinds[p];
      if (kind === ANY_RUN) {
        runAt = p++;
        runReach = at;
      } else if (kind === ANY_ONE || (kind === LITERAL && characters.charCodeAt(p) === text.charCodeAt(at))) {
        p++;
        at++;
      } else if (runAt >= 0) {
        p = runAt + 1;
        at = ++runReach;
      } else {
        return false;
      }
    }
    while (kinds[p] === ANY_RUN) p++;
    return p === kinds.length;
  }
}
