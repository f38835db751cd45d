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
  it.each(INCOMPLETE)("say that the check is incomplete when %s", async (_name, given, gap) => {
    const report = path.join(scratchFolder(), "report.md");
    const { out } = await run("drift", { ...given, json: true, flags: { report } });
    expect(JSON.parse(out)).toMatchObject({ stack: "local", incomplete: [{ what: gap }] });
    const text = fs.readFileSync(report, "utf8");
    expect(text).toContain("**The check is incomplete.**");
    expect(text.toLowerCase()).toContain(gap.toLowerCase());
    expect(text.split("\n")[1]).toBe("<!-- incomplete -->");
  });

  it("list the differing roles", async () => {
    const report = path.join(scratchFolder(), "report.md");
    const databases = [{ ...sark, roles: GAINED }];
    const { out } = await run("drift", { databases, json: true, flags: { report } });
    expect(JSON.parse(out)).toMatchObject({ roleDrift: [{ database: "sark", ...GAINED }] });
    const text = fs.readFileSync(report, "utf8");
    expect(text).toContain("<summary>Differences in the roles of sark</summary>");
    expect(text).toContain("undo: ALTER ROLE bob NOSUPERUSER");
    expect(text.split("\n")[1]).toBe("### Drift of `local`");
  });
});

describe("schema drift of a stack that is up", () => {
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

  it("is in the JSON document and the report of preview and drift", async () => {
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

  it("is the only drift in a preview, which omits roles that the plan may create", async () => {
    const { out } = await run("preview", { databases: [{ ...sark, roles: GAINED }] });
    expect(out).toContain("No schema drift in sark.\n");
    expect(out).not.toContain("bob");
  });

  it("is not checked by up and destroy", async () => {
    for (const name of ["up", "destroy"] as const) {
      const { out } = await run(name, { plan: CREATES, flags: { yes: true }, databases });
      expect(out).not.toContain("Schema drift");
    }
  });
});
