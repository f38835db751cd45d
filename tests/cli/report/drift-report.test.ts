import * as fs from "node:fs";
import * as path from "node:path";
import {
  audit,
  CHANGED,
  CREATES,
  GAINED,
  INCOMPLETE,
  INDEX,
  run,
  sark,
  UNKNOWN,
  WHY,
} from "../support/drift";
import { scratchFolder } from "../support/fakes";

describe("the document and the report of drift", () => {
  it.each(INCOMPLETE)("say that it is incomplete when %s", async (_name, given, gap) => {
    const report = path.join(scratchFolder(), "report.md");
    const { out } = await run("drift", { ...given, json: true, flags: { report } });
    expect(JSON.parse(out)).toMatchObject({ stack: "local", incomplete: [{ what: gap }] });
    const text = fs.readFileSync(report, "utf8");
    expect(text).toContain("**The check is incomplete.**");
    expect(text.toLowerCase()).toContain(gap.toLowerCase());
    expect(text.split("\n")[1]).toBe("<!-- incomplete -->");
  });

  it("have the roles that differ", async () => {
    const report = path.join(scratchFolder(), "report.md");
    const databases = [{ ...sark, roles: GAINED }];
    const { out } = await run("drift", { databases, json: true, flags: { report } });
    expect(JSON.parse(out)).toMatchObject({ roleDrift: [{ database: "sark", ...GAINED }] });
    const text = fs.readFileSync(report, "utf8");
    expect(text).toContain("<summary>What differs in the roles of sark</summary>");
    expect(text).toContain("undo: ALTER ROLE bob NOSUPERUSER");
    expect(text.split("\n")[1]).toBe("### Drift of `local`");
  });
});

describe("the schema of a stack that is up", () => {
  const databases = [
    { ...sark, schema: CHANGED },
    { ...audit, schema: UNKNOWN },
  ];
  const words = [
    "Schema drift in sark: ~ 1 changed.",
    "  ~ table public.users",
    `      - ${INDEX}`,
    `The schema of sark_audit was not compared: ${WHY}.`,
  ];

  it("is shown by a preview, which succeeds", async () => {
    const { code, out } = await run("preview", { databases });
    expect(code).toBe(0);
    for (const line of words) expect(out).toContain(`${line}\n`);
  });

  it("is in the document of both, and in the report", async () => {
    const report = path.join(scratchFolder(), "report.md");
    for (const name of ["preview", "drift"] as const) {
      const flags = { report };
      const { out } = await run(name, { databases, json: true, flags });
      expect(JSON.parse(out)).toMatchObject({
        schemaDrift: [
          { database: "sark", ...CHANGED },
          { database: "sark_audit", ...UNKNOWN },
        ],
      });
      const text = fs.readFileSync(report, "utf8");
      for (const line of words) expect(text).toContain(line);
      expect(text).not.toContain("<!-- nothing to do -->");
    }
  });

  it("is all that a preview tells of a database: a plan makes the roles that are missing", async () => {
    const { out } = await run("preview", { databases: [{ ...sark, roles: GAINED }] });
    expect(out).toContain("No schema drift in sark.\n");
    expect(out).not.toContain("bob");
  });

  it("is not looked at before up and destroy, which are about the plan", async () => {
    for (const name of ["up", "destroy"] as const) {
      const { out } = await run(name, { plan: CREATES, flags: { yes: true }, databases });
      expect(out).not.toContain("Schema drift");
    }
  });
});
