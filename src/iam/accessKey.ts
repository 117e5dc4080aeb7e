import type { Wrapped } from "../hsm/hsm.ts";

/** An access key as the store keeps it: the secret is sealed by the HSM. */
export interface AccessKeyRecord {
  readonly id: string;
  readonly account: string;
  /** the user whose it is, by its id; null for the account's root */
  readonly userId: string | null;
  readonly status: "Active" | "Inactive";
  readonly secret: Wrapped;
  /** milliseconds since the epoch */
  readonly createdAt: number;
  readonly lastUsed: AccessKeyUse | null;
}

/** When and for what an access key was last used. Kept in memory and written now and then: a crash may lose the last of it. */
export interface AccessKeyUse {
  /** milliseconds since the epoch */
  readonly at: number;
  /** as in the credential scope */
  readonly service: string;
  readonly region: string;
}

export interface AccountRecord {
  readonly id: string;
  /** milliseconds since the epoch */
  readonly createdAt: number;
  /** what its maker calls it; empty for the first one */
  readonly name: string;
  /** since when nobody of it may do anything; null while it is open */
  readonly closedAt: number | null;
  /** unique over all accounts */
  readonly alias: string | null;
  readonly passwordPolicy: PasswordPolicy | null;
}

/** As UpdateAccountPasswordPolicy sets it. */
export interface PasswordPolicy {
  readonly MinimumPasswordLength: number;
  readonly RequireSymbols: boolean;
  readonly RequireNumbers: boolean;
  readonly RequireUppercaseCharacters: boolean;
  readonly RequireLowercaseCharacters: boolean;
  readonly AllowUsersToChangePassword: boolean;
  readonly MaxPasswordAge: number | null;
  readonly PasswordReusePrevention: number | null;
  readonly HardExpiry: boolean | null;
}
