import { MalformedInput } from "./errors.ts";

/** AWS's own limit is unknown; the largest request that its models allow has some hundreds. */
const MAX_PARAMETERS = 10_000;
/** Steps of a name. No model is as deep. */
const MAX_DEPTH = 32;

/**
 * A body of type application/x-www-form-urlencoded, or the query string of a GET, by names. A name that comes twice is
 * refused: of two readers one could take the first and the other the last.
 * @param text without "?"
 * @throws MalformedInput
 */
export function parseQuery(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const parts = text.split("&", MAX_PARAMETERS + 1);
  if (parts.length > MAX_PARAMETERS) throw new MalformedInput("Too many parameters.");
  for (const part of parts) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decoded(equals < 0 ? part : part.slice(0, equals));
    if (parameters.has(name)) throw new MalformedInput("A parameter is given more than once.");
    parameters.set(name, equals < 0 ? "" : decoded(part.slice(equals + 1)));
  }
  return parameters;
}

function decoded(text: string): string {
  let value: string;
  try {
    value = decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new MalformedInput("The request is not valid percent-encoded UTF-8.");
  }
  // A lone surrogate is no character: as UTF-8 it would become another one, and two different strings the same.
  if (!value.isWellFormed()) throw new MalformedInput("The request is not valid percent-encoded UTF-8.");
  return value;
}

/** What stands under a name: its text, or what stands under the names that begin with it. */
export type Parameter = string | Branch;

/** By the next step of the name. Without prototype, so that "__proto__" is a step like others. */
export interface Branch {
  readonly [step: string]: Parameter;
}

/**
 * The parameters by the steps of their names: `Tags.member.1.Key=a` is `{ Tags: { member: { 1: { Key: "a" } } } }`.
 * Where one name is the beginning of another, the longer counts: an empty list is `Tags=`.
 * @throws MalformedInput
 */
export function nest(parameters: ReadonlyMap<string, string>): Branch {
  const root: Grown = branch();
  for (const [name, text] of parameters) {
    const steps = name.split(".", MAX_DEPTH + 1);
    if (steps.length > MAX_DEPTH) throw new MalformedInput("The name of a parameter has too many parts.");
    const last = steps.pop() as string;
    let at = root;
    for (const step of steps) {
      let next = at[step];
      if (typeof next !== "object") next = at[step] = branch();
      at = next;
    }
    at[last] ??= text;
  }
  return root;
}

interface Grown {
  [step: string]: string | Grown;
}

function branch(): Grown {
  return Object.create(null) as Grown;
}
