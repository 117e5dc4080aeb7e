import type { User } from "@aws-sdk/client-iam";
import type { AccountRecord } from "./accessKey.ts";
import { entityArn } from "./authorize.ts";
import { attachedBoundary } from "./boundary.ts";
import type { UserRecord } from "./entity.ts";
import { sortedTags } from "./tag.ts";

/** As lists and other things show a user: reference/iam-sts.md §3.1. */
export function listedUser(user: UserRecord): User {
  const { path, name, id, createdAt, passwordLastUsedAt } = user;
  return {
    Path: path,
    UserName: name,
    UserId: id,
    Arn: entityArn(user),
    CreateDate: new Date(createdAt),
    ...(passwordLastUsedAt !== null && { PasswordLastUsed: new Date(passwordLastUsedAt) }),
  };
}

/** As GetUser shows it. */
export function wholeUser(user: UserRecord): User {
  const boundary = attachedBoundary(user.boundary);
  return {
    ...listedUser(user),
    ...(boundary !== undefined && { PermissionsBoundary: boundary }),
    ...(user.tags.length > 0 && { Tags: sortedTags(user.tags) }),
  };
}

/** As GetUser shows an account's root: no name. */
export function rootUser({ id, createdAt }: AccountRecord): User {
  return {
    Path: "/",
    UserName: undefined,
    UserId: id,
    Arn: `arn:aws:iam::${id}:root`,
    CreateDate: new Date(createdAt),
  };
}
