import * as fs from "node:fs";
import * as path from "node:path";
import type { Failure, Result } from "../../../engine/engine";
import { printFailure } from "../../../cli/report/report-failure";
import { fakeTerminal, row, scratchFolder } from "../support/fakes";

const ROLE = "postgresql:index/role:Role";
const DOWN =
  "sdk-v2/provider2.go:572: sdk.helper_schema: connection refused: provider=postgresql@3.16.1";

const step = (name: string, reason: string): Failure => ({
  urn: row("create", ROLE, name).urn,
  reason,
});

function print(
  failed: readonly Failure[],
  {
    skipped = [],
    stack = "local",
    root = scratchFolder(),
  }: { skipped?: readonly Failure[]; stack?: string; root?: string } = {},
) {
  const { terminal, out } = fakeTerminal();
  const result: Result = { engine: "pulumi", stack, done: [], failed, skipped, outputs: {} };
  printFailure("up", result, { root, stack }, terminal);
  const folder = path.join(root, ".sark", "logs");
  const logs = () => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
  const log = () => fs.readFileSync(path.join(folder, logs()[0] ?? ""), "utf8");
  return { out: out(), logs, log };
}

describe("the end of a failed run", () => {
  it("names the step, the cause without the provider's noise, the log and the next command, in that order", () => {
    const { out } = print([step("sark_owner", DOWN)]);
    expect(out).toMatch(
      /^\nFailed: Role sark_owner\n {2}connection refused\nFull text: \.sark\/logs\/local-\d{8}T\d{6}-up\.log\nFix the cause and run npm run up again; it resumes\.\n$/,
    );
  });

  it("shows a cause that many steps share once", () => {
    const { out } = print([
      step("a", DOWN),
      step("b", DOWN),
      step("c", DOWN),
      step("d", "no such role"),
    ]);
    expect(out.match(/connection refused/g)).toHaveLength(1);
    expect(out).toContain(
      "Failed: Role a and 2 more steps\n  connection refused\nFailed: Role d\n  no such role\n",
    );
  });

  it("shows five causes and counts the others", () => {
    const { out } = print(
      Array.from({ length: 9 }, (_, index) => step(`r${index}`, `cause ${index}`)),
    );
    expect(out).toContain("cause 4\nAnd 4 more failures.\n");
    expect(out).not.toContain("cause 5");
  });

  it("shows the run's own error if no step failed", () => {
    const { out } = print([{ urn: "", reason: "the backend is locked" }], { stack: "dev" });
    expect(out).toMatch(/^\nFailed: the backend is locked\nFull text: /);
    expect(out).toContain("run npm run up -- --stack dev again");
  });

  it("of an interrupted run names no cause", () => {
    const { out, logs } = print([], { skipped: [step("a", "not started")] });
    expect(out).toBe(
      "\nInterrupted before all steps were done.\nRun npm run up again; it resumes.\n",
    );
    expect(logs()).toEqual([]);
  });

  it("has a log with the cause first and then the full text", () => {
    const { log } = print([step("a", DOWN)], { skipped: [step("b", "not started")] });
    const [first, ...rest] = log().split("\n");
    expect(first).toBe("Role a: connection refused");
    expect(rest.join("\n")).toContain(DOWN);
    expect(rest.join("\n")).toMatch(/Skipped: urn:.*::b\nnot started/);
  });

  it("has a log whose first line includes the line from a server's log", () => {
    const { log } = print([
      step("a", "exited during start-up; its log says:\n  FATAL:  no memory"),
    ]);
    expect(log().split("\n")[0]).toBe(
      "Role a: exited during start-up; its log says: FATAL:  no memory",
    );
  });

  it("keeps the ten newest logs of the stack, and all logs of other stacks", () => {
    const root = scratchFolder();
    const folder = path.join(root, ".sark", "logs");
    fs.mkdirSync(folder, { recursive: true });
    const old = (stack: string, count: number) =>
      Array.from(
        { length: count },
        (_, n) => `${stack}-20200101T0000${String(n).padStart(2, "0")}-up.log`,
      );
    for (const name of [...old("local", 12), ...old("local-2", 1)]) {
      fs.writeFileSync(path.join(folder, name), "");
    }
    const { logs } = print([step("a", "x")], { root });
    expect(
      logs().filter((name) => /^local-\d/.test(name) && !name.startsWith("local-2-")),
    ).toHaveLength(10);
    expect(logs()).toContain("local-2-20200101T000000-up.log");
    expect(logs()).not.toContain("local-20200101T000000-up.log");
  });

  it("is shown even if no log can be written", () => {
    const root = scratchFolder();
    fs.writeFileSync(path.join(root, ".sark"), "in the way");
    const { out } = print([step("a", "no space left")], { root });
    expect(out).toBe(
      "\nFailed: Role a\n  no space left\nFix the cause and run npm run up again; it resumes.\n",
    );
  });
});
