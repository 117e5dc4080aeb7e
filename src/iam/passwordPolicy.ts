import type { PasswordPolicy } from "./accessKey.ts";
import type { LoginProfile } from "./entity.ts";
import { passwordPolicyViolation } from "./errors.ts";
import { isPassword } from "./password.ts";

const UPPER_CASE = { pattern: /[A-Z]/, name: "uppercase letter" };
const LOWER_CASE = { pattern: /[a-z]/, name: "lowercase letter" };
const NUMBER = { pattern: /[0-9]/, name: "number" };
/** IAM User Guide, "Custom password policy options" */
const SYMBOL = { pattern: /[!@#$%^&*()_+\-=[\]{}|']/, name: "symbol" };

/** IAM User Guide, "Default password policy": what holds where an account has none of its own. */
const DEFAULT = { minimumLength: 8, kinds: 3 };

/** As UpdateAccountPasswordPolicy fills it up: reference/iam-sts.md §3.9. */
export const MINIMUM_LENGTH_WHEN_ABSENT = 6;

/** @throws PasswordPolicyViolation: the first rule that it breaks */
export function requireGoodPassword(password: string, policy: PasswordPolicy | null): void {
  const minimum = policy?.MinimumPasswordLength ?? DEFAULT.minimumLength;
  if ([...password].length < minimum) {
    throw passwordPolicyViolation(`Password should have a minimum length of ${minimum}`);
  }
  if (policy === null) {
    const kinds = [UPPER_CASE, LOWER_CASE, NUMBER, SYMBOL].filter(({ pattern }) => pattern.test(password));
    if (kinds.length >= DEFAULT.kinds) return;
    throw passwordPolicyViolation(
      "Password should have at least three of the following: uppercase letters, lowercase letters, numbers, symbols",
    );
  }
  const required = [
    policy.RequireUppercaseCharacters && UPPER_CASE,
    policy.RequireLowercaseCharacters && LOWER_CASE,
    policy.RequireNumbers && NUMBER,
    policy.RequireSymbols && SYMBOL,
  ];
  for (const kind of required) {
    if (kind === false || kind.pattern.test(password)) continue;
    throw passwordPolicyViolation(`Password should have at least one ${kind.name}`);
  }
}

/**
 * Has the password not been used lately? Takes as long as verifying as many passwords as the policy remembers.
 * @throws PasswordPolicyViolation
 */
export async function requireUnusedPassword(
  password: string,
  policy: PasswordPolicy | null,
  { passwordHash, formerHashes }: LoginProfile,
): Promise<void> {
  const remembered = [passwordHash, ...formerHashes].slice(0, policy?.PasswordReusePrevention ?? 0);
  const same = await Promise.all(remembered.map((hash) => isPassword(password, hash)));
  if (same.includes(true)) throw passwordPolicyViolation("Password was used before, and cannot be used again");
}

/** The former passwords that a policy remembers once there is a new one, which itself is one of those it counts. */
export function rememberedHashes(
  policy: PasswordPolicy | null,
  { passwordHash, formerHashes }: LoginProfile,
): string[] {
  return [passwordHash, ...formerHashes].slice(0, Math.max((policy?.PasswordReusePrevention ?? 0) - 1, 0));
}
