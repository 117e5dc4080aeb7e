import {
  type Caller,
  FEDERATED,
  inTheWorld,
  may,
  mayNot,
  ROLE,
  type Row,
  SESSION,
  s3,
  testRow,
  to,
  USER,
  type Verdict,
  when,
} from "./rows.ts";
import { A } from "./world.ts";

/**
 * How an allow in a key policy meets what is missing elsewhere: reference/policy-language.md §5.3, the whole table (IAM User
 * Guide, "Policy evaluation logic"). For each line: who calls, whom the key policy names, and whether identity policies, the
 * boundary and session policies limit.
 */
type Line = [caller: Caller, names: string, principal: object, identity: boolean, boundary: boolean, session: boolean];

const named = (AWS: string) => to(AWS);
const everyone = to("*");
const byArn = (arn: string) => to("*", "kms:*", { Condition: when("ArnEquals", "aws:PrincipalArn", arn) });

const lines: Line[] = [
  ["user", "user ARN", named(USER), false, false, false],
  ["user", "account", named(A), true, true, false],
  ["user", "root ARN", named(`arn:aws:iam::${A}:root`), true, true, false],
  ["user", "*", everyone, false, false, false],
  ["user", "* by aws:PrincipalArn", byArn(USER), false, false, false],
  ["mfaless", "user ARN", named(USER), false, false, false],
  ["mfaless", "account", named(A), true, true, false],
  ["session", "role ARN", named(ROLE), false, true, true],
  ["session", "session ARN", named(SESSION), false, false, false],
  ["session", "account", named(A), true, true, true],
  ["session", "*", everyone, false, false, false],
  ["session", "* by aws:PrincipalArn", byArn(ROLE), false, false, false],
  ["federated", "federated-user ARN", named(FEDERATED), false, false, false],
  ["federated", "issuing user's ARN", named(USER), false, true, true],
  ["federated", "account", named(A), true, true, true],
  ["federated", "*", everyone, false, false, false],
];

/** What a kind of policy may say of the request. */
const says = { nothing: undefined, lacks: [s3], allows: [may()], denies: [may("*", "*"), mayNot()] } as const;
type Says = keyof typeof says;

inTheWorld();
for (const [caller, names, principal, identityLimits, boundaryLimits, sessionLimits] of lines) {
  const boundaries: Says[] = ["nothing", "lacks", "allows"];
  const sessions: Says[] =
    caller === "session" || caller === "federated" ? ["nothing", "lacks", "allows"] : ["nothing"];
  for (const identity of ["lacks", "allows"] as const) {
    for (const boundary of boundaries) {
      for (const session of sessions) {
        // Without session policies a federated user has what a resource's policy gives it by name, and nothing else.
        const lacking = session === "lacks" || (session === "nothing" && caller === "federated");
        const want: Verdict =
          identityLimits && identity === "lacks"
            ? "identity"
            : boundaryLimits && boundary === "lacks"
              ? "boundary"
              : sessionLimits && lacking
                ? "session"
                : "allow";
        add({ identity, boundary, session }, want);
      }
    }
  }
  // An explicit deny wins in every cell.
  add({ identity: "denies", boundary: "nothing", session: "allows" }, "deny identity");
  add({ identity: "allows", boundary: "denies", session: "allows" }, "deny boundary");
  if (sessions.length > 1) add({ identity: "allows", boundary: "nothing", session: "denies" }, "deny session");

  function add(given: { identity: Says; boundary: Says; session: Says }, want: Verdict): void {
    const row: Row = {
      source: `§5.3 ${names} named, identity ${given.identity}, boundary ${given.boundary}, session ${given.session}`,
      caller,
      key: [principal],
      want,
    };
    for (const kind of ["identity", "boundary", "session"] as const) {
      if (kind === "session" && sessions.length === 1) continue;
      const statements = says[given[kind]];
      if (statements !== undefined) row[kind] = [...statements];
    }
    testRow(row);
  }
}
