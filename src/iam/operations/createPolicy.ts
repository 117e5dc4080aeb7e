import type { CreatePolicyRequest, CreatePolicyResponse } from "@aws-sdk/client-iam";
import { authorize, tagConditions } from "../authorize.ts";
import { nameKey, putEntity, uniqueId } from "../entities.ts";
import type { PolicyRecord } from "../entity.ts";
import { entityAlreadyExists } from "../errors.ts";
import { basicPolicy, requireManagedDocument } from "../managedPolicy.ts";
import { newResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requirePath } from "../path.ts";
import { requireQuota, requireQuotaOfManagedPolicy } from "../quota.ts";
import { statedDescription } from "../role.ts";
import { newTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
export const createPolicy: IamOperation<CreatePolicyRequest, CreatePolicyResponse> = {
  name: "CreatePolicy",
  async run(call, input) {
    const { account } = call.principal;
    const name = input.PolicyName as string;
    const document = input.PolicyDocument as string;
    const path = requirePath(input.Path);
    const resource = { ...newResource(call, "policy", path, name), shown: `policy ${name}` };
    const conditions = tagConditions(input.Tags);
    authorize(call, "CreatePolicy", resource, conditions);
    if (input.Tags?.length) authorize(call, "TagPolicy", resource, conditions);
    const policy = await call.iam.store.transaction(async (transaction) => {
      if (await transaction.entityNamed(account, "policy", nameKey("policy", name))) {
        throw entityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
      }
      requireManagedDocument(document);
      const tags = newTags("policy", input.Tags);
      requireQuotaOfManagedPolicy(document);
      requireQuota("PoliciesPerAccount", await transaction.countEntities(account, "policy"));
      const createdAt = call.iam.clock();
      const created: PolicyRecord = {
        kind: "policy",
        id: uniqueId("policy"),
        account,
        name,
        path,
        createdAt,
        updatedAt: createdAt,
        tags,
        description: statedDescription(input.Description),
        defaultVersion: 1,
        lastVersion: 1,
        versions: [{ number: 1, document, createdAt }],
      };
      await putEntity(transaction, created);
      return created;
    });
    const shown = basicPolicy(policy, { attachments: 0, boundaries: 0 });
    return { Policy: { ...shown, ...(policy.tags.length > 0 && { Tags: [...policy.tags] }) } };
  },
};
