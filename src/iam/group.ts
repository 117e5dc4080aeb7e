import type { Group } from "@aws-sdk/client-iam";
import { entityArn } from "./authorize.ts";
import type { GroupRecord } from "./entity.ts";

/** As every operation shows a group. */
export function shownGroup(group: GroupRecord): Group {
  const { path, name, id, createdAt } = group;
  return { Path: path, GroupName: name, GroupId: id, Arn: entityArn(group), CreateDate: new Date(createdAt) };
}
