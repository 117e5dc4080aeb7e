import assert from "node:assert/strict";
import { test } from "node:test";
import { requirePath, underPath } from "./path.ts";

test("a path begins and ends with a slash", () => {
  assert.equal(requirePath(undefined), "/");
  for (const path of ["/", "/a/", "/a//b/", "///", "/!<&>\"'~/"]) assert.equal(requirePath(path), path);
  for (const path of ["", "a", "/a", "a/", "//", "/a b/", "/ä/", "/a/\n"]) {
    assert.throws(() => requirePath(path), {
      code: "ValidationError",
      message:
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    });
  }
});

test("a prefix of a path need not end where one of its parts does", () => {
  assert.ok(underPath(undefined)({ path: "/" }));
  assert.ok(underPath("/test-life")({ path: "/test-lifecycle/" }));
  assert.ok(!underPath("/test-lifecycle/")({ path: "/test-life/" }));
});
