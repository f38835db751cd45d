import * as fc from "fast-check";
import { diffInputs, formatPath, ignoreChanges, parsePath } from "../../../engine/wire-diff";
import { Redactor } from "../../../engine/embedded/redactor";
import { aliasUrns, makeUrn } from "../../../engine/embedded/registration";
import {
  UNKNOWN,
  containsSecret,
  markSecrets,
  mask,
  sameValue,
  secret,
  unwrap,
  type Wire,
} from "../../../engine/wire";

/** JSON with secrets anywhere. */
const wire = fc.letrec<{ value: Wire }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-c.]{1,2}$/), tie("value"), { maxKeys: 3 }),
    tie("value").map(secret),
  ),
})).value;

test("a value equals itself, with or without marked secrets", () => {
  fc.assert(
    fc.property(wire, (value) => {
      expect(sameValue(value, unwrap(value))).toBe(true);
      expect(diffInputs({ value }, { value: unwrap(value) })).toEqual([]);
    }),
  );
});

test("markSecrets marks all secrets of the original in a copy without marks", () => {
  fc.assert(
    fc.property(wire, (value) => {
      const marked = markSecrets(unwrap(value), value);
      expect(mask(marked)).toEqual(mask(value));
      expect(unwrap(marked)).toEqual(unwrap(value));
    }),
  );
});

test("markSecrets marks a part whose shape changed as a whole", () => {
  expect(containsSecret(markSecrets("joined", [secret("a")]))).toBe(true);
  expect(mask(markSecrets({ list: [1, 2] }, { list: [secret(1)] }))).toEqual({ list: "[secret]" });
});

test("differences have their deepest path, with secrets and unknown values hidden", () => {
  const old = { a: { b: [1, { c: "x" }] }, gone: 1, s: secret("old"), "odd key": true };
  const next = { a: { b: [1, { c: "y" }, 3] }, s: secret("new"), "odd key": UNKNOWN, list: ["n"] };
  expect(diffInputs(old, next)).toEqual([
    { path: "a.b[1].c", from: "x", to: "y" },
    { path: "a.b[2]", from: "(not set)", to: "3" },
    { path: "gone", from: "1", to: "(not set)" },
    { path: "list", from: "(not set)", to: '["n"]' },
    { path: '["odd key"]', from: "true", to: "[unknown]" },
    { path: "s", from: "[secret]", to: "[secret]" },
  ]);
});

test("paths are the same after formatting and parsing", () => {
  const step = fc.oneof(fc.nat(9), fc.string({ minLength: 1 }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
      expect(parsePath(formatPath(steps))).toEqual(steps);
    }),
  );
});

test("ignored inputs keep the old value, or stay absent", () => {
  const old = { a: { x: 1 }, p: secret("old"), gone: 1 };
  const next = { a: { x: 2 }, p: secret("new"), q: 1, r: 1 };
  expect(ignoreChanges(old, next, ["p", "q", "gone"])).toEqual({
    a: { x: 2 },
    p: secret("old"),
    gone: 1,
    r: 1,
  });
});

test("a redactor hides every secret that it has learned, except a value that is plain elsewhere", () => {
  const redactor = new Redactor();
  redactor.addSecrets({
    a: secret("hunter2"),
    b: { c: [secret({ deep: "hunter2-long" })] },
    d: "plain",
  });
  redactor.addSecrets({
    connection: secret({ user: "postgres", password: "hunter3" }),
    user: "postgres",
  });
  expect(redactor.redact("plain hunter2-long, hunter2, postgres:hunter3")).toBe(
    "plain [secret], [secret], postgres:[secret]",
  );
});

describe("a redactor", () => {
  const redacted = (value: Wire, text: string): string => {
    const redactor = new Redactor();
    redactor.addSecrets({ value });
    return redactor.redact(text);
  };
  const loginOf = (password: string): Wire =>
    secret({ host: "10.0.0.7", database: "pgbouncer", user: "pool_stats", password });

  it.each([
    ['000009_drop_unused_index.sql:4: index "unused_idx" does not exist', secret("unused")],
    ['index "unused" does not exist', secret("unused")],
    ["/srv/pool/pgbouncer.ini: no such entry: pgbouncer", loginOf("hunter2-pw")],
    ["pool_stats at 10.0.0.7 is on port 5432", loginOf("5432")],
    ["wait for process 1234567, server 127.0.0.1", secret({ pid: "1234567", host: "127.0.0.1" })],
    ["The role not_needed is Postgres", secret(["not_needed", "Postgres", "POSTGRES"])],
    ["column hunter2_hash, table my_hunter2", secret("hunter2")],
    ["a1b2c30 is not a1b2c3d", secret("a1b2c3")],
  ])("keeps names and words: %s", (text, value) => {
    expect(redacted(value, text)).toBe(text);
  });

  it.each([
    ["hunter2-pw", "the server refuses *", "the server refuses *"],
    ["hunter2", "login 'app:*@10.0.0.7'", "login 'app:*@10.0.0.7'"],
    ["unused", "password=* and unused", "password=* and unused"],
    ["unused", "PASSWORD '*', PGPASSWORD=*", "PASSWORD '*', PGPASSWORD=*"],
    ["swordfish", "alter role a password '*'", "alter role a password '*'"],
    ["swordfish", "postgres://app:*@10.0.0.7/pgbouncer", "postgres://app:*@10.0.0.7/pgbouncer"],
    ["correct horse battery", "said *, once", "said *, once"],
    ["p$[a]1", "said *, once", "said *, once"],
    ["VQXYx9SbrzF71v8yko8DxgbFqCDBOxSN", "x*y", "x*y"],
    ["-+9+-", "a*b", "a*b"],
  ])("hides the password %j as a whole word", (password, text, expected) => {
    const shown = expected.replaceAll("*", "[secret]");
    expect(redacted(secret(password), text.replaceAll("*", password))).toBe(shown);
    expect(redacted(loginOf(password), text.replaceAll("*", password))).toBe(shown);
  });

  it("never changes its own [secret] mark", () => {
    expect(redacted(secret(["[secret]1", "hunter2"]), "hunter2 [secret]1")).toBe(
      "[secret] [secret]",
    );
  });
});

describe("URNs", () => {
  const where = { project: "p", stack: "s" };
  const stack = makeUrn(where, "", "pulumi:pulumi:Stack", "p-s");

  test("contain the types of all parents except the stack", () => {
    const outer = makeUrn(where, stack, "a:b:Outer", "o");
    const inner = makeUrn(where, outer, "a:b:Inner", "i");
    expect(outer).toBe("urn:pulumi:s::p::a:b:Outer::o");
    expect(makeUrn(where, inner, "c:d:Leaf", "l::x")).toBe(
      "urn:pulumi:s::p::a:b:Outer$a:b:Inner$c:d:Leaf::l::x",
    );
  });

  test("of the past are derived from a resource's aliases", () => {
    const parent = makeUrn(where, stack, "a:b:Group", "g");
    const urn = makeUrn(where, parent, "c:d:Leaf", "leaf");
    const aliases = [
      { name: "old", type: "" },
      { name: "", type: "c:d:Old" },
      { name: "leaf", type: "c:d:Leaf" },
    ];
    expect(aliasUrns(where, { urn, parent, type: "c:d:Leaf", name: "leaf", aliases })).toEqual([
      "urn:pulumi:s::p::a:b:Group$c:d:Leaf::old",
      "urn:pulumi:s::p::a:b:Group$c:d:Old::leaf",
    ]);
  });
});
