import type { DecodeAuthorizationMessageRequest } from "@aws-sdk/client-sts";
import type { IamOperation } from "../../iam/operation.ts";
import { authorize, requireUserOrRole } from "../authorize.ts";
import { invalidAuthorizationMessage } from "../errors.ts";

/**
 * Neither KMS nor IAM nor STS encodes what it says of a denial, at AWS as here: a message is another service's, and
 * nobody but its maker can read it. https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
 */
export const decodeAuthorizationMessage: IamOperation<DecodeAuthorizationMessageRequest, never> = {
  name: "DecodeAuthorizationMessage",
  run(call) {
    requireUserOrRole(call, "DecodeAuthorizationMessage");
    authorize(call, "DecodeAuthorizationMessage", "*");
    throw invalidAuthorizationMessage();
  },
};
