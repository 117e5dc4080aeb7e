/** Who may import whom: docs/decisions/0001-the-house.md. Any other arrow fails the check. */
const test = "\\.test\\.ts$";
const rule = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    rule(
      "no-cycles",
      "Two files that need each other are one, or lack a third.",
      {},
      {
        circular: true,
        viaOnly: { dependencyTypesNot: ["type-only"] },
      },
    ),
    rule(
      "hsm-knows-nobody",
      "The boundary sees no service, no caller, no store.",
      { path: "^src/hsm/", pathNot: test },
      { path: "^src/", pathNot: "^src/hsm/" },
    ),
    rule(
      "policy-is-pure",
      "The policy language imports nothing but types.",
      { path: "^src/policy/", pathNot: test },
      { path: "^src/", pathNot: "^src/policy/", dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "store-imports-types",
      "The store knows what it keeps, not what is done with it.",
      { path: "^src/store/", pathNot: test },
      { path: "^src/", pathNot: "^src/store/", dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "kms-stays-inside",
      "The service knows neither the edge nor who puts it together.",
      { path: "^src/kms/", pathNot: test },
      { path: "^src/(sts|server|cli|jobs)/" },
    ),
    rule(
      "kms-types-of-iam",
      "Who calls is a value to the service.",
      { path: "^src/kms/", pathNot: test },
      { path: "^src/iam/", dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "iam-stays-inside",
      "Identities know no keys and no edge.",
      { path: "^src/iam/", pathNot: test },
      { path: "^src/(sts|kms|server|cli|jobs)/" },
    ),
    rule(
      "sts-stays-inside",
      "Sessions are of identities; they know no keys and no edge.",
      { path: "^src/sts/", pathNot: test },
      { path: "^src/(kms|server|cli|jobs)/" },
    ),
    rule(
      "cloudtrail-stays-inside",
      "What is on record knows neither the edge nor who puts it together; of the services, what they are, not what they do.",
      { path: "^src/cloudtrail/", pathNot: test },
      { path: "^src/(kms|sts|server|cli|jobs)/", dependencyTypesNot: ["type-only"] },
    ),
    rule(
      "services-know-no-record",
      "Operations do not know that they are recorded.",
      { path: "^src/(kms|iam|sts)/", pathNot: test },
      { path: "^src/cloudtrail/" },
    ),
    rule(
      "jobs-stay-inside",
      "What happens by itself has no edge.",
      { path: "^src/jobs/", pathNot: test },
      { path: "^src/(server|cli)/" },
    ),
    rule(
      "server-below-cli",
      "The edge does not know how the program is put together.",
      { path: "^src/server/", pathNot: test },
      { path: "^src/(cli|jobs)/" },
    ),
    rule(
      "adapters-by-cli-alone",
      "Adapters are chosen where the program is put together.",
      { path: "^src/", pathNot: `^src/(cli|store/sqlite|hsm/(software|root))/|${test}` },
      { path: "^src/(store/(sqlite|migrations)|hsm/(software|root))/" },
    ),
    rule(
      "adapters-need-no-migrations-of-others",
      "Migrations are the adapters' own.",
      { path: "^src/", pathNot: "^src/store/" },
      { path: "^src/store/migrations/" },
    ),
    rule(
      "product-needs-no-dev-packages",
      "What is published runs without them.",
      { path: "^src/", pathNot: test },
      { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    ),
    rule("product-does-not-import-tests", "", { path: "^src/", pathNot: test }, { path: "^(test|bench)/" }),
    rule("not-resolvable", "", {}, { couldNotResolve: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types"],
      extensions: [".ts", ".js"],
    },
  },
};
