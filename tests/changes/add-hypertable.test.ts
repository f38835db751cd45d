/** Makes the change of CONTRIBUTING.md's "Add a hypertable" in a copy of the project whose stack is up. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Plan, PlannedResource } from "../../engine/engine";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(300_000);

const NAME = "refused_requests";

let stack: StackCopy;

beforeAll(async () => {
  stack = await StackCopy.make();
  await stack.mustRun("up", "--yes", "--engine", "embedded");
});
afterAll(() => stack.remove());

const read = (file: string): string => fs.readFileSync(path.join(stack.folder, file), "utf8");
const write = (file: string, text: string): void => {
  fs.writeFileSync(path.join(stack.folder, file), text);
};

/** The code block of the section in the given language. */
function block(language: string): string {
  const [, section = ""] = read("CONTRIBUTING.md").split("\n## Add a hypertable\n");
  const [, text] = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "m").exec(section) ?? [];
  if (text === undefined) throw new Error(`CONTRIBUTING.md shows no ${language}`);
  return text;
}

function addHypertable(): void {
  const folder = "sql/sark_audit";
  const last = fs.readdirSync(path.join(stack.folder, folder)).sort().at(-1) ?? "";
  const next = String(parseInt(last, 10) + 1).padStart(6, "0");
  write(`${folder}/${next}_${NAME}.sql`, block("sql"));
  const facts = "components/hypertables/plan/hypertable-facts.ts";
  const end = "} as const satisfies";
  const [before = "", after, ...others] = read(facts).split(end);
  expect([typeof after, others]).toEqual(["string", []]);
  write(facts, `${before}${block("ts")}${end}${after ?? ""}`);
}

const setRetention = (): void => {
  stack.configure((config) => {
    config["sark-databases:audit"] = {
      home: "local",
      retention: { [NAME]: "14 days" },
      ingest: { [NAME]: 0.5 },
    };
  });
};

async function plannedHypertables(): Promise<PlannedResource | undefined> {
  const { stdout } = await stack.mustRun("preview", "--json", "--engine", "embedded");
  const { resources } = JSON.parse(stdout) as Plan;
  return resources.find(({ urn }) => urn.endsWith("::sark-audit-database-hypertables"));
}

const asMonitor = async (sql: string): Promise<unknown[]> =>
  stack.withLogin("sark_audit_admin", async (client) => (await client.query<object>(sql)).rows);

test("preview refuses settings for a hypertable without an entry", async () => {
  setRetention();
  const { code, stderr, stdout } = await stack.run("preview", "--engine", "embedded");
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain(NAME);
});

describe("a hypertable added as in CONTRIBUTING.md", () => {
  beforeAll(addHypertable);

  test("needs no further code: types check, and the migration passes the lint", async () => {
    execFileSync("node_modules/.bin/oxlint", ["index.ts", "cli", "components", "engine"], {
      cwd: stack.folder,
    });
    await stack.mustRun("lint:sql");
  });

  test("appears in the pages of the settings and of the schema after npm run generate", async () => {
    await stack.mustRun("generate", "settings", "hypertables");
    const page = read("docs/settings.md");
    expect(page).toContain(`\`audit.retention.${NAME}\``);
    expect(page).toContain(`\`audit.ingest.${NAME}\``);
    expect(read("docs/schema.md")).toMatch(
      new RegExp(
        `^\\| \`${NAME}\` +\\| requests that a rate limit refused +\\| 1 day +\\| 7 days +\\| 30 days +\\|$`,
        "m",
      ),
    );
  });

  test("has its chunk interval and retention in the preview", async () => {
    setRetention();
    const planned = await plannedHypertables();
    expect(planned?.op).toBe("update");
    expect(planned?.inputs).toMatchObject({
      // The limit is a tenth of the retention, and the developer's machine has room for more than a day of rows.
      chunkInterval: { [NAME]: "1 day" },
      dropAfter: { audit_events: "90 days", [NAME]: "14 days" },
    });
  });

  test("gets its migration and settings on TimescaleDB by up, and a second preview has no changes", async () => {
    const chunk = (await plannedHypertables())?.inputs["chunkInterval"] as Record<string, string>;
    await stack.mustRun("up", "--yes", "--engine", "embedded");
    const [found] = await asMonitor(`
      select d.time_interval = interval '${chunk[NAME] ?? ""}' as planned, j.config ->> 'drop_after' as drop_after
        from timescaledb_information.dimensions as d
        join timescaledb_information.jobs as j using (hypertable_schema, hypertable_name)
       where d.hypertable_name = '${NAME}' and j.proc_name = 'policy_retention'`);
    expect(found).toEqual({ planned: true, drop_after: "14 days" });
    expect((await plannedHypertables())?.op).toBe("same");
  });

  test("is filled by load with the number of rows and the values that its facts define", async () => {
    const { stdout } = await stack.mustRun("load", "--database", "sark_audit", "--json");
    const { loaded } = JSON.parse(stdout) as {
      loaded: Record<string, { table: string; rows: number }[]>;
    };
    // A hundredth of the 30,000 decisions of scale S.
    expect(loaded["sark_audit"]?.find(({ table }) => table === NAME)?.rows).toBe(300);
    expect(
      await asMonitor(`
        select reason, count(*) > 100 as many, count(distinct user_id) > 50 as by_many
          from public.${NAME} group by 1 order by 1`),
    ).toEqual([
      { reason: "address", many: true, by_many: true },
      { reason: "api key", many: true, by_many: true },
    ]);
  });
});
