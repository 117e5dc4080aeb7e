import assert from "node:assert/strict";
import { test } from "node:test";
import { countedIds, finishedRequest, touchedKey } from "../../test/finishedRequest.ts";
import { loadModel, type Member, type ServiceModel } from "../server/protocol/model.ts";
import { recordsOf } from "./event.ts";

const SECRET = "Zm9yIG5vYm9keSdzIGV5ZXM";
const SHOWN = "shown";

/** What the models do not call sensitive, and is: by names of strings. */
const SECRET_NAME = /password|secret|token|privatekey|authenticationcode|encodedmessage|decodedmessage|assertion/i;
/** Of those, what tells nothing. */
const HARMLESS = new Set([
  "AssertionEncryptionMode",
  "GlobalEndpointTokenVersion",
  "NextToken",
  "SubjectFromWebIdentityToken",
  "RemovePrivateKey", // a key's id
]);
const services = ["kms", "iam", "sts", "cloudtrail"] as const;

/** An example of a shape with a secret wherever there may be one, and something to be shown everywhere else. */
class Planter {
  readonly #model: ServiceModel;
  secrets = 0;
  maps = 0;

  constructor(model: ServiceModel) {
    this.#model = model;
  }

  value({ target, traits: own }: Member, name: string, secret: boolean, depth = 0): unknown {
    const shape = this.#model.shape(target);
    const traits = { ...shape.traits, ...own };
    const hidden = secret || "smithy.api#sensitive" in traits || (SECRET_NAME.test(name) && !HARMLESS.has(name));
    switch (shape.type) {
      case "structure":
        return Object.fromEntries(
          Object.entries(depth > 6 ? {} : (shape.members ?? {})).map(([member, at]) => [
            member,
            this.value(at, member, hidden, depth + 1),
          ]),
        );
      case "list":
        return [this.value(shape.member as Member, name, hidden, depth + 1)];
      case "map":
        this.maps++;
        return { __proto__: null, [SHOWN]: this.value(shape.value as Member, "", hidden, depth + 1) };
      case "blob":
        this.secrets++;
        return Buffer.from(SECRET);
      case "string":
      case "enum":
        if (hidden) this.secrets++;
        return hidden ? SECRET : SHOWN;
      case "timestamp":
        return new Date(0);
      case "boolean":
        return true;
      case "integer":
      case "long":
      case "float":
      case "double":
        return 7;
      default:
        throw new Error(`${target} is a ${shape.type}`);
    }
  }
}

/** In any of the forms in which bytes might be written. */
const FORMS = [
  SECRET,
  Buffer.from(SECRET).toString("base64"),
  Buffer.from(SECRET).toString("hex"),
  [...Buffer.from(SECRET)].slice(0, 8).join(),
  '"Buffer"',
];

for (const service of services) {
  test(`no secret of ${service}'s model is ever on record`, () => {
    const model = loadModel(new URL(`../../models/${service}.json`, import.meta.url));
    const planter = new Planter(model);
    for (const [operation, { input, output }] of model.operations) {
      const request = {
        service,
        operation,
        input: planter.value({ target: input }, "", false),
        output: output && planter.value({ target: output }, "", false),
        touched: { keys: [touchedKey()] },
      };
      const error = { code: "ValidationException", message: "no" };
      for (const finished of [request, { ...request, output: undefined, error }]) {
        for (const record of recordsOf(finishedRequest(finished), countedIds())) {
          for (const form of FORMS) assert.ok(!record.includes(form), `${operation}: ${record}`);
          JSON.parse(record);
        }
      }
    }
    assert.ok(planter.secrets > (service === "cloudtrail" ? -1 : 10), "there were secrets to leave out");
  });
}

test("what IAM and STS answer has no map where records show structures: its keys would be renamed", () => {
  for (const service of ["iam", "sts"]) {
    const model = loadModel(new URL(`../../models/${service}.json`, import.meta.url));
    for (const [operation, { output }] of model.operations) {
      if (output === undefined || /^(?:Get|List|Simulate)/.test(operation)) continue;
      const planter = new Planter(model);
      planter.value({ target: output }, "", false);
      // Those of trusted identity propagation, which is not served, have one.
      const ofPropagation = "TrustedIdentityPropagationContext" in (model.shape(output).members ?? {}) ? 1 : 0;
      assert.equal(planter.maps, ofPropagation, operation);
    }
  }
});

test("all else that IAM and STS are asked is on record", () => {
  let shown = 0;
  for (const service of ["iam", "sts"] as const) {
    const model = loadModel(new URL(`../../models/${service}.json`, import.meta.url));
    for (const [operation, { input }] of model.operations) {
      const given = new Planter(model).value({ target: input }, "", false) as Record<string, unknown>;
      const [record] = recordsOf(finishedRequest({ service, operation, input: given }), countedIds());
      const { requestParameters } = JSON.parse(record ?? "");
      const wanted = Object.entries(given).filter(([, value]) => value === SHOWN);
      for (const [name] of wanted) {
        assert.equal(requestParameters[name.charAt(0).toLowerCase() + name.slice(1)], SHOWN, `${operation} ${name}`);
        shown++;
      }
    }
  }
  assert.ok(shown > 200);
});
