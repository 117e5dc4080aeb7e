import { validationError } from "./errors.ts";

/**
 * The path of something new, `/` by default. The model's own pattern is looser than what it means.
 * @throws ValidationError: reference/iam-sts.md §1.3
 */
export function requirePath(path: string | undefined): string {
  if (path === undefined || /^\/(?:[\x21-\x7e]+\/)?$/.test(path)) return path ?? "/";
  throw validationError(
    "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  );
}

/** Is a path below a prefix? Prefixes are plain strings, and need not end with `/`: reference/iam-sts.md §2.3. */
export function underPath(prefix: string | undefined): (entity: { readonly path: string }) => boolean {
  return ({ path }) => path.startsWith(prefix ?? "/");
}
