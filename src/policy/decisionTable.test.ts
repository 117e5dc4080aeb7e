import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePolicy, type Policy } from "./document.ts";
import { type Caller, decide } from "./evaluate.ts";
import { Grade } from "./principal.ts";

/*
 * Who may do what: reference/policy-language.md, §5 and what §8 says of principals. A row stands for all combinations of
 * the alternatives ( / ) in its cells. Columns:
 *   source | caller | resource policy | identity | boundary | session policy | grant | decision
 * Resource policy: whom its statements allow; !name: whom they deny; ^name: all but (NotPrincipal).
 * Identity, boundary, session: `may` allows what is asked, `other` something else, `deny` denies it, . is none.
 * Decision: `allow`, or which policies did not allow; with ! which denied.
 */

const A = "111122223333";
const B = "444455556666";
const KEY = `arn:aws:kms:eu-west-1:${A}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ROLE = `arn:aws:iam::${A}:role/assumed`;

const caller = (kind: Caller["kind"], account: string, direct: string[], issuer: string[] = []): Caller => ({
  kind,
  account,
  names: { direct, issuer, account: kind === "service" || kind === "bearer" ? undefined : account },
});
const callers: Record<string, Caller> = {
  user: caller("user", A, ["AIDAALICE"]),
  role: caller("role", A, [`arn:aws:sts::${A}:assumed-role/app/s1`], ["AROAAPP"]),
  fed: caller("federated", A, [`arn:aws:sts::${A}:federated-user/f`], ["AIDAALICE"]),
  root: caller("root", A, []),
  userB: caller("user", B, ["AIDABOB"]),
  roleB: caller("role", B, [`arn:aws:sts::${B}:assumed-role/app/s1`], ["AROAB"]),
  fedB: caller("federated", B, [`arn:aws:sts::${B}:federated-user/f`], ["AIDABOB"]),
  rootB: caller("root", B, []),
  service: caller("service", A, ["s3.amazonaws.com"]),
  bearer: caller("bearer", A, ["accounts.google.com"]),
  bearerB: caller("bearer", B, ["accounts.google.com"]),
};

const when = (key: string, value: string) => ({ Condition: { ArnLike: { [key]: value } } });
const aws = (AWS: string | string[]) => ({ Principal: { AWS } });
const principals: Record<string, object> = {
  user: aws("AIDAALICE"),
  other: aws("AIDAOTHER"),
  role: aws("AROAAPP"),
  session: aws(`arn:aws:sts::${A}:assumed-role/app/s1`),
  session2: aws(`arn:aws:sts::${A}:assumed-role/app/s2`),
  fed: aws(`arn:aws:sts::${A}:federated-user/f`),
  account: aws(`arn:aws:iam::${A}:root`),
  digits: aws(A),
  userB: aws("AIDABOB"),
  roleB: aws("AROAB"),
  sessionB: aws(`arn:aws:sts::${B}:assumed-role/app/s1`),
  fedB: aws(`arn:aws:sts::${B}:federated-user/f`),
  accountB: aws(B),
  users: aws(["AIDAOTHER", "AIDAALICE"]),
  userAndAccount: aws(["AIDAALICE", A]),
  sessionAndAccount: aws([`arn:aws:sts::${A}:assumed-role/app/s1`, "AROAAPP", A]),
  service: { Principal: { Service: "s3.amazonaws.com" } },
  service2: { Principal: { Service: "ec2.amazonaws.com" } },
  bearer: { Principal: { Federated: "accounts.google.com" } },
  bearer2: { Principal: { Federated: "www.amazon.com" } },
  "*": { Principal: "*" },
  "aws*": aws("*"),
  "service*": { Principal: { Service: "*" } },
  "federated*": { Principal: { Federated: "*" } },
  "federated=account": { Principal: { Federated: A } },
  "federated=session": { Principal: { Federated: `arn:aws:sts::${A}:assumed-role/app/s1` } },
  "aws=service": aws("s3.amazonaws.com"),
  "*arn": { Principal: "*", ...when("aws:PrincipalArn", "arn:aws:iam::*:role/app") },
  "*noarn": { Principal: "*", ...when("aws:PrincipalArn", "arn:aws:iam::*:role/elsewhere") },
};

interface Request {
  readonly action: string;
  readonly resource: string;
}
const decrypt: Request = { action: "kms:Decrypt", resource: KEY };
const assume: Request = { action: "sts:AssumeRole", resource: ROLE };
const alias: Request = { action: "kms:CreateAlias", resource: `arn:aws:kms:eu-west-1:${A}:alias/x` };
const nothing: Request = { action: "kms:CreateKey", resource: "*" };

const words = (cell: string) => cell.split(" ").filter((word) => word !== "" && word !== ".");
const compiled = (kind: "identity" | "resource" | "trust", statements: object[]): Policy =>
  compilePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), kind);

function resourcePolicies(cell: string, { action }: Request): Policy[] {
  const trust = action.startsWith("sts:");
  const statements = words(cell).map((word) => {
    const [, sign, name = ""] = /^([!^]*)(.+)$/.exec(word) ?? [];
    const { Principal, ...rest } = principals[name] as { Principal: unknown };
    return {
      Effect: sign?.includes("!") ? "Deny" : "Allow",
      Action: action,
      ...(sign?.includes("^") ? { NotPrincipal: Principal } : { Principal }),
      ...(!trust && { Resource: "*" }),
      ...rest,
    };
  });
  return statements.length === 0 ? [] : [compiled(trust ? "trust" : "resource", statements)];
}

function policies(cell: string, { action, resource }: Request): Policy[] {
  return words(cell).map((word) =>
    compiled("identity", [
      {
        Effect: word === "deny" ? "Deny" : "Allow",
        Action: word === "other" ? "s3:*" : action,
        Resource: word === "other" ? "*" : resource,
      },
    ]),
  );
}

function decision(request: Request, must: boolean, cells: readonly string[]): string {
  const [who = "", resource = "", identity = "", boundary = "", session = "", grant = ""] = cells;
  const context = { get: (key: string) => (key === "aws:principalarn" ? `arn:aws:iam::${A}:role/app` : undefined) };
  const found = decide(
    {
      caller: callers[who] as Caller,
      action: request.action.toLowerCase(),
      resource: request.resource,
      owner: A,
      context,
    },
    {
      resource: resourcePolicies(resource, request),
      identity: policies(identity, request),
      boundary: policies(boundary, request)[0],
      session: words(session).length === 0 ? undefined : policies(session, request),
      resourceMustAllow: must,
      ...(grant !== "." && { granted: Grade[grant as keyof typeof Grade] }),
    },
  );
  if (found.effect === "allow") return "allow";
  return found.effect === "explicit deny" ? `!${found.source}` : found.source;
}

function table(name: string, request: Request, must: boolean, rows: string): void {
  for (const row of rows.trim().split("\n")) {
    const cells = row.split("|").map((cell) => cell.trim());
    const expected = cells.pop();
    const [source, ...alternatives] = cells;
    assert.equal(alternatives.length, 6, row);
    let combinations: string[][] = [[]];
    for (const cell of alternatives) {
      combinations = combinations.flatMap((done) => cell.split(" / ").map((one) => [...done, one]));
    }
    test(`${name}, ${source}: ${cells.slice(1).join(" | ")}: ${expected}`, () => {
      for (const combination of combinations) {
        assert.equal(decision(request, must, combination), expected, combination.join(" | "));
      }
    });
  }
}

table(
  "key",
  decrypt,
  true,
  `
  §8 row 1          | user  | account            | .                  | .                  | .                  | . | identity
  §8 row 2          | user  | account            | may                | .                  | .                  | . | allow
  §8 row 3          | user  | user               | .                  | .                  | .                  | . | allow
  §8 row 4          | user  | other              | may                | .                  | .                  | . | resource
  §8 row 5          | root  | account            | .                  | .                  | .                  | . | allow
  §8 row 6          | root  | user               | .                  | .                  | .                  | . | resource
  §8 row 7          | user  | account            | may deny           | .                  | .                  | . | !identity
  §8 row 8          | user  | account !user      | may                | .                  | .                  | . | !resource
  §8 row 9          | user  | user               | deny               | .                  | .                  | . | !identity
  §8 row 13         | user  | account            | may                | other              | .                  | . | boundary
  §8 row 14         | user  | user               | .                  | other              | .                  | . | allow
  §8 row 15         | role  | role               | .                  | other              | .                  | . | boundary
  §8 row 16         | role  | session            | .                  | other              | .                  | . | allow
  §8 row 17         | role  | account            | may                | .                  | other              | . | session
  §8 row 18         | role  | role               | .                  | .                  | other              | . | session
  §8 row 19         | role  | session            | .                  | .                  | other              | . | allow
  §8 row 20         | role  | account            | .                  | .                  | may                | . | identity
  §8 row 21         | userB | account            | may                | .                  | .                  | . | resource
  §8 row 22         | userB | accountB           | .                  | .                  | .                  | . | identity
  §8 row 23         | userB | accountB           | may                | .                  | .                  | . | allow
  §8 row 24         | userB | userB              | .                  | .                  | .                  | . | identity
  §8 row 25         | rootB | accountB           | .                  | .                  | .                  | . | allow
  §8 row 27         | user  | account            | .                  | .                  | .                  | direct | allow
  §8 row 28         | user  | account            | .                  | .                  | .                  | none   | identity
  §8 row 32         | user  | account !user      | .                  | .                  | .                  | direct | !resource
  §8 row 33         | role  | account            | .                  | .                  | .                  | issuer | allow
  §8 row 34         | userB | account            | .                  | .                  | .                  | direct | allow
  §8 row 57         | user  | other              | .                  | .                  | .                  | . | resource
  §8 row 58         | user  | digits             | may                | .                  | .                  | . | allow
  §8 row 64         | role  | account            | . / other          | .                  | .                  | . | identity
  §8 row 65         | fed   | user               | .                  | .                  | .                  | . | session
  §5.3 row 1        | user  | user / users       | . / may / other    | . / may / other    | .                  | . | allow
  §5.3 row 2        | user  | account / digits   | . / other          | . / may / other    | .                  | . | identity
  §5.3 row 2        | user  | account / digits   | may                | . / may            | .                  | . | allow
  §5.3 row 2        | user  | account / digits   | may                | other              | .                  | . | boundary
  §5.3 row 3        | user  | * / aws*           | . / may / other    | . / may / other    | .                  | . | allow
  §5.3 row 4        | role  | role               | . / may / other    | . / may            | . / may            | . | allow
  §5.3 row 4        | role  | role               | . / may / other    | other              | . / may / other    | . | boundary
  §5.3 row 4        | role  | role               | . / may / other    | . / may            | other              | . | session
  §5.3 row 5        | role  | session            | . / may / other    | . / may / other    | . / may / other    | . | allow
  §5.3 row 6        | role  | account / digits   | . / other          | . / may / other    | . / may / other    | . | identity
  §5.3 row 6        | role  | account / digits   | may                | . / may            | . / may            | . | allow
  §5.3 row 6        | role  | account / digits   | may                | other              | . / may / other    | . | boundary
  §5.3 row 6        | role  | account / digits   | may                | . / may            | other              | . | session
  §5.3 row 7        | role  | * / aws* / *arn    | . / may / other    | . / may / other    | . / may / other    | . | allow
  §5.3 row 7        | role  | *noarn             | may                | .                  | .                  | . | resource
  §5.3 row 8        | fed   | fed                | . / may / other    | . / may / other    | . / may / other    | . | allow
  §5.3 row 9        | fed   | user               | . / may / other    | . / may            | may                | . | allow
  §5.3 row 9        | fed   | user               | . / may / other    | other              | . / may / other    | . | boundary
  §5.3 row 9        | fed   | user               | . / may / other    | . / may            | . / other          | . | session
  §5.3 row 10       | fed   | account / digits   | . / other          | . / may / other    | . / may / other    | . | identity
  §5.3 row 10       | fed   | account / digits   | may                | . / may            | may                | . | allow
  §5.3 row 10       | fed   | account / digits   | may                | other              | . / may / other    | . | boundary
  §5.3 row 10       | fed   | account / digits   | may                | . / may            | . / other          | . | session
  §5.3 row 11       | root  | account / digits   | .                  | .                  | .                  | . | allow
  §5.3 row 12       | service | service          | .                  | .                  | .                  | . | allow
  §5.3 strongest    | role  | account role       | .                  | .                  | .                  | . | allow
  §5.3 strongest    | role  | account role       | .                  | other              | .                  | . | boundary
  §5.3 strongest    | role  | role session       | .                  | other              | other              | . | allow
  §5.3 strongest    | role  | session account    | .                  | other              | other              | . | allow
  §5.3 strongest    | user  | account user       | .                  | other              | .                  | . | allow
  §5.3 strongest    | fed   | user fed account   | .                  | other              | .                  | . | allow
  §5.3 explicit     | user  | account / user / * | deny / may deny    | . / may / other    | .                  | . | !identity
  §5.3 explicit     | user  | account / user / * | . / may            | deny               | .                  | . | !boundary
  §5.3 explicit     | role  | account / role / session / * | deny / may deny | . / may / other / deny | . / may / deny | . | !identity
  §5.3 explicit     | role  | account / role / session / * | . / may | deny                | . / may / deny     | . | !boundary
  §5.3 explicit     | role  | account / role / session / * | . / may | . / may / other     | deny / may deny    | . | !session
  §5.3 explicit     | fed   | account / user / fed / *     | . / may | . / may / other     | deny / may deny    | . | !session
  §5.3 explicit     | user  | user !user / user !account / user !* / user !aws* / user !digits | . / may / deny | . / deny | . | . | !resource
  §5.3 explicit     | role  | session !role / session !session / session !account / * !*arn    | . / may / deny | . / deny | . / deny | . | !resource
  §5.3 explicit     | fed   | fed !user / fed !fed / fed !account                              | . / may / deny | . / deny | . / deny | . | !resource
  §5.3 explicit     | root  | account !account / account !* | .      | .                  | .                  | . | !resource
  §5.3 explicit     | service | service !service / service !* / service !aws*                  | . | . | . | . | !resource
  §5.3 other's deny | user  | user !other / user !role / user !accountB / user !service*       | . | . | . | . | allow
  §5.1 must         | user  | . / other / role / accountB | may     | . / may            | .                  | . | resource
  §5.1 must         | role  | . / session2 / user / accountB | may  | . / may            | . / may            | . | resource
  §5.1 must         | fed   | . / role / other   | may                | .                  | may                | . | resource
  §5.1 must         | root  | . / user / role    | may                | .                  | .                  | . | resource
  §5.1 service      | service | . / service2 / account / other | may | .                  | .                  | . | resource
  §2.4 kinds        | service | aws* / aws=service / federated* / service* | may | .       | .                  | . | resource
  §2.4 kinds        | service | *                | .                  | .                  | .                  | . | allow
  §2.4 kinds        | user / role / root | service* / federated* / federated=account | may | . | .               | . | resource
  §2.4 kinds        | role  | federated=session  | may                | .                  | .                  | . | resource
  §5.2 owner's side | userB | . / account / user / other / roleB | may | . / may          | .                  | . | resource
  §5.2 owner's side | roleB | . / account / role / session / userB | may | . / may        | . / may            | . | resource
  §5.2 owner's side | rootB | . / account / userB | .                 | .                  | .                  | . | resource
  §5.2 caller's side | userB | accountB / userB / * / aws* | . / other | . / may / other  | .                  | . | identity
  §5.2 caller's side | userB | accountB / userB / * / aws* | may       | . / may          | .                  | . | allow
  §5.2 caller's side | userB | accountB / userB / * / aws* | may       | other            | .                  | . | boundary
  §5.2 caller's side | roleB | accountB / roleB / sessionB / * | . / other | . / may / other | . / may / other | . | identity
  §5.2 caller's side | roleB | accountB / roleB / sessionB / * | may   | . / may          | . / may            | . | allow
  §5.2 caller's side | roleB | accountB / roleB / sessionB / * | may   | other            | . / may / other    | . | boundary
  §5.2 caller's side | roleB | accountB / roleB / sessionB / * | may   | . / may          | other              | . | session
  §5.2 caller's side | fedB  | accountB / userB / fedB / *     | may   | . / may          | may                | . | allow
  §5.2 caller's side | fedB  | accountB / userB / fedB / *     | may   | . / may          | . / other          | . | session
  §5.2 caller's side | rootB | accountB / * / aws* | .                | .                  | .                  | . | allow
  §5.2 deny         | userB | accountB !userB / accountB !accountB / accountB !* | may | .  | .                  | direct / . | !resource
  §5.2 deny         | userB | accountB / userB   | deny / may deny    | .                  | .                  | direct / . | !identity
  §5.2 deny         | userB | accountB / userB   | may                | deny               | .                  | direct / . | !boundary
  §5.2 deny         | roleB | accountB / sessionB | may               | may                | deny               | direct / . | !session
  §5.4 grant direct | user  | . / account / other | . / may / other   | . / may / other    | .                  | direct | allow
  §5.4 grant direct | role  | . / account / role  | . / may / other   | . / may / other    | . / may / other    | direct | allow
  §5.4 grant direct | fed   | . / account / user  | . / may / other   | . / may / other    | . / may / other    | direct | allow
  §5.4 grant issuer | role  | . / account / other | . / may / other   | . / may            | . / may            | issuer | allow
  §5.4 grant issuer | role  | . / account / role  | . / may / other   | other              | . / may / other    | issuer | boundary
  §5.4 grant issuer | role  | . / account / role  | . / may / other   | . / may            | other              | issuer | session
  §5.4 grant issuer | role  | session             | .                 | other              | other              | issuer | allow
  §5.4 grant issuer | fed   | . / account         | .                 | .                  | .                  | issuer | session
  §5.4 grant issuer | fed   | . / account         | .                 | .                  | may                | issuer | allow
  §5.4 grant account | user | . / account / other | . / other         | . / may / other    | .                  | account | identity
  §5.4 grant account | user | . / account / other | may               | . / may            | .                  | account | allow
  §5.4 grant account | user | . / account / other | may               | other              | .                  | account | boundary
  §5.4 grant account | role | . / account         | may               | . / may            | other              | account | session
  §5.4 grant account | root | . / other           | .                 | .                  | .                  | account | allow
  §5.4 grant none   | user  | . / other           | . / may           | .                  | .                  | none | resource
  §5.4 grant, deny  | user  | . / account         | deny / may deny   | .                  | .                  | direct / account | !identity
  §5.4 grant, deny  | user  | . / account         | . / may           | deny               | .                  | direct / account | !boundary
  §5.4 grant, deny  | role  | . / account         | . / may           | . / may            | deny               | direct / issuer / account | !session
  §5.4 grant, deny  | role  | !role / !session / !account / !* | may  | .                  | .                  | direct / issuer / account | !resource
  §5.2 grant direct | userB | . / account         | . / may / other   | . / may / other    | .                  | direct | allow
  §5.2 grant direct | roleB | . / account / accountB | . / may / other | . / other         | . / other          | direct | allow
  §5.2 grant issuer | roleB | . / account / accountB | . / may / other | . / may           | . / may            | issuer | allow
  §5.2 grant issuer | roleB | . / account / accountB | . / may / other | other             | . / may / other    | issuer | boundary
  §5.2 grant issuer | roleB | . / account / accountB | . / may / other | . / may           | other              | issuer | session
  §5.2 grant account | userB | . / account        | . / other         | . / may            | .                  | account | identity
  §5.2 grant account | userB | . / account        | may               | . / may            | .                  | account | allow
  §5.2 grant account | userB | . / account        | may               | other              | .                  | account | boundary
  §5.2 grant account | rootB | . / account        | .                 | .                  | .                  | account | allow
  §5.2 grant none   | userB | . / account         | may               | .                  | .                  | none | resource
  §5.5 NotPrincipal | user  | * !^userAndAccount  | .                 | .                  | .                  | . | allow
  §5.5 NotPrincipal | role  | * !^sessionAndAccount | .               | .                  | .                  | . | allow
  §5.5 NotPrincipal | root  | * !^userAndAccount  | .                 | .                  | .                  | . | allow
  §5.5 NotPrincipal | role / fed / userB | * !^userAndAccount | may   | .                  | .                  | . | !resource
  §5.5 NotPrincipal | user / role | * !^other / * !^accountB | may    | .                  | .                  | . | !resource
  §5.5 NotPrincipal | user / role / root / service | * !^* | .        | .                  | .                  | . | allow
  §5.5 NotPrincipal | user / role | * !^userAndAccount / * !^sessionAndAccount / * !^* | . | may / other       | . | . | !resource
  §5.5 NotPrincipal | user  | ^other / ^user / ^account / ^* | may    | .                  | .                  | . | resource
`,
);

table(
  "role",
  assume,
  true,
  `
  §5.4 trust row 1  | user  | user / aws*         | . / may / other   | . / may / other    | .                  | . | allow
  §5.4 trust row 2  | role  | session / aws*      | . / may / other   | . / may / other    | . / may / other    | . | allow
  §5.4 trust row 3  | role  | role                | . / may / other   | . / may            | . / may            | . | allow
  §5.4 trust row 3  | role  | role                | . / may / other   | other              | . / may / other    | . | boundary
  §5.4 trust row 3  | role  | role                | . / may / other   | . / may            | other              | . | session
  §5.4 trust row 4  | user  | account / digits    | may               | . / may            | .                  | . | allow
  §5.4 trust row 4  | user  | account / digits    | . / other         | . / may / other    | .                  | . | identity
  §5.4 trust row 4  | user  | account / digits    | may               | other              | .                  | . | boundary
  §5.4 trust row 4  | role  | account / digits    | may               | . / may            | . / may            | . | allow
  §5.4 trust row 4  | role  | account / digits    | . / other         | . / may / other    | . / may / other    | . | identity
  §5.4 trust row 4  | role  | account / digits    | may               | other              | . / may / other    | . | boundary
  §5.4 trust row 4  | role  | account / digits    | may               | . / may            | other              | . | session
  §5.4 trust row 5  | userB | accountB / userB / aws*            | may     | . / may     | .                  | . | allow
  §5.4 trust row 5  | userB | accountB / userB / aws*            | . / other | .         | .                  | . | identity
  §5.4 trust row 5  | userB | accountB / userB / aws*            | may     | other       | .                  | . | boundary
  §5.4 trust row 5  | roleB | accountB / roleB / sessionB / aws* | may     | . / may     | . / may            | . | allow
  §5.4 trust row 5  | roleB | accountB / roleB / sessionB / aws* | . / other | .         | . / may            | . | identity
  §5.4 trust row 5  | roleB | accountB / roleB / sessionB / aws* | may     | . / may     | other              | . | session
  §5.4 trust row 6  | user  | other / role / accountB / service / bearer | may | .       | .                  | . | resource
  §5.4 trust row 6  | role  | user / session2 / accountB         | may     | .           | .                  | . | resource
  §5.4 trust row 9  | service | service           | .                 | .                  | . / other may      | . | allow
  §5.4 trust row 9  | service | service2 / aws* / account / bearer / service* | may | .  | .                  | . | resource
  §5.4 trust row 9  | bearer | bearer             | .                 | .                  | .                  | . | allow
  §5.4 trust row 9  | bearer | bearer2 / aws* / account / service / federated* | may | . | .                  | . | resource
  §5 step 3         | bearerB | bearer            | .                 | .                  | .                  | . | allow
  §5.4 trust, deny  | user  | user !user / user !account / user !aws* | . / may | .       | .                  | . | !resource
  §5.4 trust, deny  | user  | user / account / aws* | may deny        | .                  | .                  | . | !identity
  §5.4 trust, deny  | user  | user / account / aws* | may             | deny               | .                  | . | !boundary
  §5.4 trust, deny  | role  | session / role / aws* | may             | .                  | deny               | . | !session
  §5.4 trust, deny  | bearer | bearer !bearer / bearer !aws* | .      | .                  | .                  | . | !resource
  §5.4 trust, deny  | bearer | bearer !bearer2 / bearer !account / bearer !service* | . | . | .               | . | allow
`,
);

for (const [name, request] of [
  ["alias", alias],
  ["no resource", nothing],
] as const) {
  table(
    name,
    request,
    false,
    `
  §5.1 root         | root  | .                   | . / may / other   | .                  | .                  | . | allow
  §5.1 identity     | user  | .                   | . / other         | . / may / other    | .                  | . | identity
  §5.1 identity     | user  | .                   | may / other may   | . / may            | .                  | . | allow
  §5.1 limits       | user  | .                   | may               | other              | .                  | . | boundary
  §5.1 identity     | role  | .                   | . / other         | . / may / other    | . / may / other    | . | identity
  §5.1 identity     | role  | .                   | may               | . / may            | . / may / may other | . | allow
  §5.1 limits       | role  | .                   | may               | other              | . / may / other    | . | boundary
  §5.1 limits       | role  | .                   | may               | . / may            | other              | . | session
  §5.1 limits       | fed   | .                   | may               | . / may            | may                | . | allow
  §5.1 limits       | fed   | .                   | may               | . / may            | . / other          | . | session
  §5 step 1         | user / role / fed | .       | deny / may deny   | . / may / deny     | . / may / deny     | . | !identity
  §5 step 1         | user / role / fed | .       | . / may           | deny               | . / may / deny     | . | !boundary
  §5 step 1         | user / role / fed | .       | . / may           | . / may / other    | deny / may deny    | . | !session
`,
  );
}
