import { causeOf, shortCause } from "../../engine/failure-cause";

const EXAMPLES: readonly (readonly [name: string, text: string, cause: string])[] = [
  [
    "a Go source file, the bridge's logger and the provider's version",
    "sdk-v2/provider2.go:572: sdk.helper_schema: Error connecting to PostgreSQL server: dial tcp 127.0.0.1:15432: connect: connection refused: provider=postgresql@3.16.1",
    "Error connecting to PostgreSQL server: dial tcp 127.0.0.1:15432: connect: connection refused",
  ],
  [
    "Go's list of errors, and the resource, which is named beside it",
    "creating urn:pulumi:dev::sark-databases::postgresql:index/role:Role::sark: 1 error occurred:\n\t* error creating role sark: pq: permission denied\n\n",
    "error creating role sark: pq: permission denied",
  ],
  [
    "the property on each level above the failed value",
    'error serializing property "connection": error serializing property "host": port 25432 is in use',
    "port 25432 is in use",
  ],
  [
    "an exception of the program, twice, and its stack trace",
    "Running program '/project/program' failed with an unhandled exception:\n<ref *1> Error: no route to the cluster\n    at open (/project/a.js:1:2)\n    at async Homes.open (/project/b.js:3:4)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\nError: no route to the cluster",
    "no route to the cluster",
  ],
  ["a gRPC status", "rpc error: code = Unknown desc = the disk is full", "the disk is full"],
  [
    "the head of a failed check, and the same in a preview",
    "pulumi-nodejs:dynamic/database:Rotation resource 'rotation-a': property rotation value {4} has a problem: only 2 or 3 is allowed\nPreview failed: only 2 or 3 is allowed",
    "only 2 or 3 is allowed",
  ],
  ["the CLI's closing line", "the disk is full\nupdate failed", "the disk is full"],
];

const KEPT: readonly string[] = [
  '000009_bad.sql:3: relation "public.no_such_table" does not exist; nothing of the file was applied',
  "PostgreSQL exited during start-up; its log ends with:\n  FATAL:  could not map anonymous shared memory\n  HINT:  reduce shared_buffers",
  "the function at.fault() of main.go is missing",
  "update failed for the row 7",
];

describe("the cause of a failure", () => {
  it.each(EXAMPLES)("omits %s", (_name, text, cause) => {
    expect(causeOf(text)).toBe(cause);
  });

  it.each(KEPT)("keeps the text of a server or a check: %s", (text) => {
    expect(causeOf(text)).toBe(text);
  });

  it("is the whole text if nothing else would remain", () => {
    expect(causeOf("update failed\n")).toBe("update failed");
  });

  it("has at most 15 lines on the screen, and gives the number of the others", () => {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const shown = shortCause(lines.join("\n")).split("\n");
    expect(shown).toHaveLength(15);
    expect(shown.at(-1)).toBe("(26 more lines)");
    expect(shortCause(lines.slice(0, 15).join("\n")).split("\n")).toHaveLength(15);
  });
});
