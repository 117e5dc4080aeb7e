/** One of AWS's own managed policies, in the version that is in force. */
export interface AwsManagedPolicyRow {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly description: string;
  readonly created: string;
  /** when the version in force was made */
  readonly edited: string;
  readonly version: number;
  readonly statements: readonly object[];
}

const allow = (Action: string | readonly string[]) => ({ Effect: "Allow", Action, Resource: "*" });

/**
 * AWS's managed policies that matter to the services that are here, as they stood in February 2025:
 * reference/iam-sts.md §6. Of the large ones only what concerns these services; former versions are not known.
 * Descriptions are those of the "AWS Managed Policy Reference Guide", dates too as far as it tells them to the minute;
 * where its versions have moved on since, the date of ours is near to the month.
 */
export const awsManagedPolicyTable: readonly AwsManagedPolicyRow[] = [
  {
    name: "AdministratorAccess",
    path: "/",
    id: "ANPAIWMBCKSKIEE64ZLYK",
    description: "Provides full access to AWS services and resources.",
    created: "2015-02-06T18:39:46Z",
    edited: "2015-02-06T18:39:46Z",
    version: 1,
    statements: [allow("*")],
  },
  {
    name: "PowerUserAccess",
    path: "/",
    id: "ANPAJYRXTHIB4FOVS3ZXS",
    description:
      "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
    created: "2015-02-06T18:39:47Z",
    edited: "2023-07-06T22:04:00Z",
    version: 6,
    statements: [
      { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
      allow([
        "account:GetAccountInformation",
        "account:GetPrimaryEmail",
        "account:ListRegions",
        "iam:CreateServiceLinkedRole",
        "iam:DeleteServiceLinkedRole",
        "iam:ListRoles",
        "organizations:DescribeOrganization",
      ]),
    ],
  },
  {
    name: "IAMFullAccess",
    path: "/",
    id: "ANPAI7XKCFMBPM3QQRRVQ",
    description: "Provides full access to IAM via the AWS Management Console.",
    created: "2015-02-06T18:40:38Z",
    edited: "2019-06-21T19:40:00Z",
    version: 2,
    statements: [
      allow([
        "iam:*",
        "organizations:DescribeAccount",
        "organizations:DescribeOrganization",
        "organizations:DescribeOrganizationalUnit",
        "organizations:DescribePolicy",
        "organizations:ListChildren",
        "organizations:ListParents",
        "organizations:ListPoliciesForTarget",
        "organizations:ListRoots",
        "organizations:ListPolicies",
        "organizations:ListTargetsForPolicy",
      ]),
    ],
  },
  {
    name: "IAMReadOnlyAccess",
    path: "/",
    id: "ANPAJKSO7NDY4T57MWDSQ",
    description: "Provides read only access to IAM via the AWS Management Console.",
    created: "2015-02-06T18:40:39Z",
    edited: "2018-01-25T19:11:27Z",
    version: 4,
    statements: [
      allow([
        "iam:GenerateCredentialReport",
        "iam:GenerateServiceLastAccessedDetails",
        "iam:Get*",
        "iam:List*",
        "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy",
      ]),
    ],
  },
  {
    name: "IAMUserChangePassword",
    path: "/",
    id: "ANPAJ4L4MM2A7QIEB56MS",
    description: "Provides the ability for an IAM user to change their own password.",
    created: "2016-11-15T00:25:16Z",
    edited: "2016-11-15T23:18:55Z",
    version: 2,
    statements: [
      {
        Effect: "Allow",
        Action: ["iam:ChangePassword"],
        Resource: ["arn:aws:iam::*:user/${aws:username}"],
      },
      allow(["iam:GetAccountPasswordPolicy"]),
    ],
  },
  {
    name: "AWSKeyManagementServicePowerUser",
    path: "/",
    id: "ANPAJNPP7PPPPMJRV2SA4",
    description: "Provides access to AWS Key Management Service (KMS).",
    created: "2015-02-06T18:40:40Z",
    edited: "2017-03-07T00:55:11Z",
    version: 2,
    statements: [
      allow([
        "kms:CreateAlias",
        "kms:CreateKey",
        "kms:DeleteAlias",
        "kms:Describe*",
        "kms:GenerateRandom",
        "kms:Get*",
        "kms:List*",
        "kms:TagResource",
        "kms:UntagResource",
        "iam:ListGroups",
        "iam:ListRoles",
        "iam:ListUsers",
      ]),
    ],
  },
  {
    name: "AWSCloudTrail_FullAccess",
    path: "/",
    id: "ANPAZKAPJZG4CA4SIJQAM",
    description: "Provides full access to AWS CloudTrail.",
    created: "2020-10-08T23:41:00Z",
    edited: "2021-02-22T19:01:00Z",
    version: 3,
    statements: [
      allow("cloudtrail:*"),
      allow(["iam:ListRoles", "iam:GetRolePolicy", "iam:GetUser"]),
      {
        ...allow(["iam:PassRole"]),
        Condition: { StringEquals: { "iam:PassedToService": "cloudtrail.amazonaws.com" } },
      },
      allow(["kms:CreateKey", "kms:CreateAlias", "kms:ListKeys", "kms:ListAliases"]),
    ],
  },
  {
    name: "AWSCloudTrail_ReadOnlyAccess",
    path: "/",
    id: "ANPAZKAPJZG4OGLRVUGKM",
    description: "Provides read only access to AWS CloudTrail.",
    created: "2022-06-14T17:19:00Z",
    edited: "2022-06-14T17:19:00Z",
    version: 1,
    statements: [allow(["cloudtrail:Get*", "cloudtrail:Describe*", "cloudtrail:List*", "cloudtrail:LookupEvents"])],
  },
  {
    name: "AWSDenyAll",
    path: "/",
    id: "ANPAZKAPJZG4P43IUQ5E5",
    description: "Deny all access.",
    created: "2019-05-01T22:36:14Z",
    edited: "2023-12-18T16:42:00Z",
    version: 2,
    statements: [{ Sid: "DenyAll", Effect: "Deny", Action: ["*"], Resource: "*" }],
  },
  {
    name: "ROSAKMSProviderPolicy",
    path: "/service-role/",
    id: "ANPAZKAPJZG4PLOZJX4SX",
    description:
      "Allows the built-in ROSA AWS Encryption Provider to manage AWS Key Management Service (KMS) keys to support etcd data encryption using a customer provided AWS KMS key. The policy allows encryption and decryption of data using KMS keys.",
    created: "2023-04-27T20:10:00Z",
    edited: "2023-04-27T20:10:00Z",
    version: 1,
    statements: [
      {
        Sid: "VolumeEncryption",
        ...allow(["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]),
        Condition: { StringEquals: { "aws:ResourceTag/red-hat": "true" } },
      },
    ],
  },
  {
    name: "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
    path: "/aws-service-role/",
    id: "ANPAZKAPJZG4P3NRAIDRH",
    description: "Enables AWS KMS to synchronize the shared properties of multi-Region keys.",
    created: "2021-06-16T15:37:00Z",
    edited: "2024-11-13T22:53:00Z",
    version: 2,
    statements: [{ Sid: "KMSSynchronizeMultiRegionKey", ...allow(["kms:SynchronizeMultiRegionKey"]) }],
  },
  {
    name: "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
    path: "/aws-service-role/",
    id: "ANPAIADMJEHVVYK5AUQOO",
    description: "Enables access to AWS services and resources required for AWS KMS custom key stores.",
    created: "2018-11-14T20:10:00Z",
    edited: "2023-11-10T19:03:34Z",
    version: 2,
    statements: [
      allow([
        "cloudhsm:Describe*",
        "ec2:CreateNetworkInterface",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:CreateSecurityGroup",
        "ec2:DescribeSecurityGroups",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:DeleteSecurityGroup",
        "ec2:DescribeVpcs",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
      ]),
    ],
  },
  {
    name: "ReadOnlyAccess",
    path: "/",
    id: "ANPAILL3HVNFSB6DCOWYQ",
    description: "Provides read-only access to AWS services and resources.",
    created: "2015-02-06T18:39:48Z",
    edited: "2025-02-10T17:00:00Z",
    version: 128,
    statements: [
      {
        Sid: "ReadOnlyActions",
        ...allow([
          "cloudtrail:Describe*",
          "cloudtrail:Get*",
          "cloudtrail:List*",
          "cloudtrail:LookupEvents",
          "iam:Generate*",
          "iam:Get*",
          "iam:List*",
          "iam:Simulate*",
          "kms:Describe*",
          "kms:Get*",
          "kms:List*",
          "sts:GetAccessKeyInfo",
          "sts:GetCallerIdentity",
          "sts:GetSessionToken",
          "tag:DescribeReportCreation",
          "tag:Get*",
        ]),
      },
    ],
  },
  {
    name: "SecurityAudit",
    path: "/",
    id: "ANPAIX2T3QCXHR2OGGCTO",
    description:
      "The security audit template grants access to read security configuration metadata. It is useful for software that audits the configuration of an AWS account.",
    created: "2015-02-06T18:41:01Z",
    edited: "2025-01-31T19:00:00Z",
    version: 49,
    statements: [
      {
        Sid: "BaseSecurityAuditStatement",
        ...allow([
          "cloudtrail:DescribeTrails",
          "cloudtrail:GetEventSelectors",
          "cloudtrail:GetInsightSelectors",
          "cloudtrail:GetTrail",
          "cloudtrail:GetTrailStatus",
          "cloudtrail:ListTags",
          "cloudtrail:ListTrails",
          "cloudtrail:LookupEvents",
          "iam:GenerateCredentialReport",
          "iam:GenerateServiceLastAccessedDetails",
          "iam:Get*",
          "iam:List*",
          "iam:SimulateCustomPolicy",
          "iam:SimulatePrincipalPolicy",
          "kms:Describe*",
          "kms:Get*",
          "kms:List*",
          "sts:GetAccessKeyInfo",
          "tag:GetResources",
          "tag:GetTagKeys",
        ]),
      },
    ],
  },
  {
    name: "ViewOnlyAccess",
    path: "/job-function/",
    id: "ANPAID22R6XPJATWOFDK6",
    description: "This policy grants permissions to view resources and basic metadata across all AWS services.",
    created: "2016-11-10T17:20:15Z",
    edited: "2025-02-06T18:00:00Z",
    version: 23,
    statements: [
      {
        Sid: "GeneralViewOnlyAccessStatement",
        ...allow([
          "cloudtrail:DescribeTrails",
          "cloudtrail:ListTrails",
          "cloudtrail:LookupEvents",
          "iam:GetAccountSummary",
          "iam:GetLoginProfile",
          "iam:List*",
          "kms:ListKeys",
          "kms:ListResourceTags",
        ]),
      },
    ],
  },
];
