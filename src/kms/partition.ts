/** How the names of Regions begin outside the commercial partition, as the AWS SDKs' table of partitions has it. */
const prefixes = {
  "cn-": "aws-cn",
  "us-gov-": "aws-us-gov",
  "eusc-": "aws-eusc",
  "us-iso-": "aws-iso",
  "us-isob-": "aws-iso-b",
  "eu-isoe-": "aws-iso-e",
  "us-isof-": "aws-iso-f",
} as const;

export type Partition = "aws" | (typeof prefixes)[keyof typeof prefixes];

/**
 * The partition that AWS has a Region of this name in. ARNs do not show it here: all begin `arn:aws:`. What is not the
 * same in all partitions, and where related keys may be, goes by it.
 */
export function partitionOf(region: string): Partition {
  for (const [prefix, partition] of Object.entries(prefixes)) if (region.startsWith(prefix)) return partition;
  return "aws";
}
