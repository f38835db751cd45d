import * as fs from "node:fs";
import * as path from "node:path";
import type { Progress } from "../../../engine/engine";
import { EventReader } from "../../../engine/pulumi/pulumi-events";

/** Output of CLI 3.260 for an `up` in which the second of three servers failed. */
const FIXTURE = fs.readFileSync(path.join(__dirname, "fixtures", "failing-up.jsonl"), "utf8");
const SARK =
  "urn:pulumi:local::sark-databases::sark:local:Group$pulumi-nodejs:dynamic/local:PostgresServer::sark";

function follow(lines: readonly string[]) {
  const heard: string[] = [];
  const progress: Progress = {
    started: (urn, op) => heard.push(`started ${op} ${urn.split("::").at(-1) ?? ""}`),
    finished: (urn, op) => heard.push(`finished ${op} ${urn.split("::").at(-1) ?? ""}`),
    failed: (urn, reason) => heard.push(`failed ${urn.split("::").at(-1) ?? ""}: ${reason}`),
    message: (severity, text) => heard.push(`${severity}: ${text}`),
  };
  const reader = new EventReader(progress);
  lines.forEach(reader.line);
  return { heard, reader };
}

describe("the events of a CLI run", () => {
  const { heard, reader } = follow(FIXTURE.split("\n"));

  it("are reported step by step, without unchanged resources and debug messages", () => {
    expect(heard).toEqual([
      "info: noise on stdout",
      "warning: size is big",
      "started replace sark",
      "failed sark: the server refused: disk full",
    ]);
    expect(JSON.stringify([heard, reader.result(false, "")])).not.toContain("hunter2");
  });

  it("give the failed resource and its cause, without consequential errors", () => {
    const { failed, skipped, done } = reader.result(false, "exit code 1");
    expect(failed).toEqual([{ urn: SARK, reason: "the server refused: disk full" }]);
    expect(skipped).toEqual([]);
    expect(done.map(({ op }) => op)).toEqual(["same", "same", "same"]);
  });

  it("give the stack's outputs, with secrets hidden", () => {
    expect(reader.outputs).toMatchObject({ logins: "[secret]", pool: null });
  });

  it("count a replacement once, after the new resource was created", () => {
    const metadata = (op: string) => ({ op, urn: SARK, type: "t:t:T" });
    const events = [
      { resourcePreEvent: { metadata: metadata("create-replacement") } },
      { resOutputsEvent: { metadata: metadata("create-replacement") } },
      { resourcePreEvent: { metadata: metadata("replace") } },
      { resOutputsEvent: { metadata: metadata("replace") } },
      { resourcePreEvent: { metadata: metadata("delete-replaced") } },
      { resOutputsEvent: { metadata: metadata("delete-replaced") } },
    ];
    const run = follow(events.map((event) => JSON.stringify(event)));
    expect(run.heard).toEqual(["started replace sark", "finished replace sark"]);
    expect(run.reader.result(true, "").done).toEqual([{ urn: SARK, op: "replace" }]);
  });

  it("of a killed run name the unfinished step", () => {
    const event = { resourcePreEvent: { metadata: { op: "create", urn: SARK, type: "t:t:T" } } };
    const { failed, skipped } = follow([JSON.stringify(event)]).reader.result(false, "was killed");
    expect(failed).toEqual([{ urn: "", reason: "was killed" }]);
    expect(skipped).toEqual([{ urn: SARK, reason: "was not finished when the run stopped" }]);
  });

  it("name a step that violates the plan, without its values, which may be secret", () => {
    const message =
      "resource sark violates plan: properties changed: =~password[{&{{hun\nter2}}}], =+a[1]\n";
    const { reader: refused } = follow([
      JSON.stringify({ diagnosticEvent: { urn: SARK, severity: "error", message } }),
    ]);
    const reason =
      "resource sark violates plan: properties changed: password and maybe others; their values are not shown";
    expect(refused.result(false, "exit code 1").failed).toEqual([{ urn: SARK, reason }]);
    expect(refused.result(true, "").failed).toEqual([]);
  });

  it("give the program's error if no resource failed", () => {
    const event = { diagnosticEvent: { severity: "error", message: "size: 101 is too much\n" } };
    const run = follow([JSON.stringify(event), "not an event"]);
    expect(run.reader.result(false, "").failed).toEqual([
      { urn: "", reason: "size: 101 is too much" },
    ]);
  });
});
