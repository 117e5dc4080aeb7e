/**
 * AWS services that have an AWS managed key, `alias/aws/<name>`. Confirmed by AWS's guide for ebs, s3, dynamodb, redshift,
 * ssm, rds and acm; the others from the services' own pages on encryption at rest.
 */
// biome-ignore format: a list of words reads best as one
const services: ReadonlySet<string> = new Set([
  "acm", "backup", "cloud9", "codeartifact", "codecommit", "codewhisperer", "connect", "dax", "dms", "dynamodb", "ebs",
  "elasticfilesystem", "es", "fsx", "glue", "kafka", "kinesis", "kinesisvideo", "lambda", "lex", "lightsail", "mq", "neptune",
  "qldb", "rds", "redshift", "s3", "secretsmanager", "ses", "sns", "sqs", "ssm", "timestream", "workspaces", "xray",
]);

/** Those that AWS lists before an account has used them, without a key. */
export const predefinedAliases: readonly string[] = ["acm", "dynamodb", "ebs", "rds", "redshift", "s3", "ssm"].map(
  (service) => `alias/aws/${service}`,
);

const PREFIX = "alias/aws/";

/** `alias/aws/…` belongs to AWS: customers can neither make, move nor delete it. */
export function isReservedAlias(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The AWS service whose managed key this alias names; undefined for every other name. */
export function awsManagedService(alias: string): string | undefined {
  if (!alias.startsWith(PREFIX)) return undefined;
  const service = alias.slice(PREFIX.length);
  return services.has(service) ? service : undefined;
}
