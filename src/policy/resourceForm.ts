import { PolicyFault } from "./fault.ts";

/** What the last part of an ARN of IAM begins with. */
export const IAM_PATHS = [
  "user/",
  "federated-user/",
  "role/",
  "group/",
  "instance-profile/",
  "mfa/",
  "server-certificate/",
  "policy/",
  "sms-mfa/",
  "saml-provider/",
  "oidc-provider/",
  "report/",
  "access-report/",
];

/**
 * A resource that IAM's older parser cannot read: one of this partition that lacks parts in its midst, or its service,
 * or has something other than an account where the account stands.
 */
export function unreadableResource(resource: string): PolicyFault | undefined {
  const [, partition, service, , account = "", ...rest] = resource.split(":");
  if (partition !== "aws" || service === undefined) return undefined;
  const whole = rest.length > 0;
  const readable = service !== "" && (whole ? /^[\w*?-]*$/.test(account) : !resource.includes("::"));
  return readable ? undefined : new PolicyFault("value", `${resource} is no ARN`, resource);
}

/** What is wrong with a resource of an identity's policy, as IAM looks at it. An ARN may stop after its service. */
export function resourceFault(resource: string): PolicyFault | undefined {
  if (resource === "*") return undefined;
  if (!resource.includes(":")) return new PolicyFault("resourceForm", `${resource} is no ARN and not "*"`, resource);
  const [, partition, service, region = "", , ...rest] = resource.split(":");
  if (partition !== "aws") return new PolicyFault("resourcePartition", `${resource} is of no partition`, resource);
  if (service === undefined || /[*?]/.test(service)) {
    return new PolicyFault("resourceVendor", `${resource} is of no service`, resource);
  }
  const path = rest.join(":");
  if (region !== "" && (service === "iam" || (service === "s3" && !path.startsWith("accesspoint/")))) {
    return new PolicyFault("resourceRegion", `${resource} is of no Region`, resource);
  }
  if (service !== "iam" || rest.length === 0) return undefined;
  return path === "root" || /^[*?]/.test(path) || IAM_PATHS.some((start) => path.startsWith(start))
    ? undefined
    : new PolicyFault("resourcePath", `${resource} is nothing of IAM's`, resource);
}
