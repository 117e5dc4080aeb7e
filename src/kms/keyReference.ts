import { aliasArn, keyArn, parseKeyReference } from "./arn.ts";
import { deniedAbsent, worksAcrossAccounts } from "./authorize.ts";
import { awsManagedService } from "./awsManagedKey.ts";
import { createAwsManagedKey } from "./createKey.ts";
import { InvalidArnException, NotFoundException } from "./errors.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

/**
 * The key that a KeyId parameter names, in any of its four forms. A reference to an AWS managed key that the account
 * does not have yet brings it into being.
 * @throws NotFoundException, InvalidArnException; AccessDeniedException for what another account does not have: the
 *   same as for what it has and keeps to itself, so that a stranger learns nothing
 */
export async function resolveKey(call: Call, text: string, operation: { name: string; aliases?: true }): Promise<Key> {
  const { keys } = call.kms;
  const { region, principal } = call;
  const reference = parseKeyReference(text, principal.account, region);
  const { account } = reference;
  if (reference.type === "alias" && operation.aliases !== true) {
    if (text.startsWith("arn:")) throw new InvalidArnException("Key Aliases are not supported for this operation");
    throw new NotFoundException(`Invalid keyId '${text}'`);
  }
  const foreign = account !== principal.account;
  if (foreign && !worksAcrossAccounts(operation.name)) throw deniedAbsent(call, operation.name, text, account);
  let id: string | undefined;
  if (reference.type === "key") {
    id = reference.id;
  } else {
    const { name } = reference;
    id = await keys.findAlias(account, region, name);
    if (id === undefined && !foreign) {
      const service = awsManagedService(name);
      if (service !== undefined) id = await createAwsManagedKey(call, service, name, operation.name);
    }
    if (id === undefined && foreign) throw deniedAbsent(call, operation.name, text, account);
    if (id === undefined) throw new NotFoundException(`Alias ${aliasArn({ account, region, name })} is not found.`);
  }
  const found = keys.find(account, region, id);
  const key = found instanceof Promise ? await found : found;
  if (key === undefined && foreign) throw deniedAbsent(call, operation.name, text, account);
  if (key === undefined) throw new NotFoundException(`Key '${keyArn({ account, region, id })}' does not exist`);
  return key;
}
