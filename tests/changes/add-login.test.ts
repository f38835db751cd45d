/** Makes the change of CONTRIBUTING.md's "Add a login" in a copy of the project. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Plan, PlannedResource } from "../../engine/engine";
import { StackCopy } from "../../scratch/scratch-stack";

jest.setTimeout(300_000);

const PAIR = ["probe_a", "probe_b"];

let stack: StackCopy;
beforeAll(async () => {
  stack = await StackCopy.make();
});
afterAll(() => stack.remove());

const read = (file: string): string => fs.readFileSync(path.join(stack.folder, file), "utf8");
const write = (file: string, text: string): void => {
  fs.writeFileSync(path.join(stack.folder, file), text);
};

/** The code block of the section in the given language. */
function block(language: string): string {
  const [, section = ""] = read("CONTRIBUTING.md").split("\n## Add a login\n");
  const [, text] = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "m").exec(section) ?? [];
  if (text === undefined) throw new Error(`CONTRIBUTING.md shows no ${language}`);
  return text;
}

function addLogin(): void {
  const entries = "components/roles/plan/logins.ts";
  const [before = "", after = "", ...others] = read(entries).split("\n} as const satisfies");
  expect(others).toEqual([]);
  write(entries, `${before}\n${block("ts")}} as const satisfies${after}`);
  const last = fs.readdirSync(path.join(stack.folder, "sql/sark")).sort().at(-1) ?? "";
  const next = String(parseInt(last, 10) + 1).padStart(6, "0");
  write(`sql/sark/${next}_probe.sql`, block("sql"));
}

function addQuery(): void {
  write(
    "sql/queries/application/silent-servers.sql",
    "--! database sark sark_audit\n--! login probe\n--! returns login\n\n" +
      "-- Who asks?\n--\n-- It is the probe.\n\nselect current_user::text as login;\n",
  );
}

async function preview(name: string): Promise<Plan> {
  const args = ["preview", "--json", "--stack", name, "--engine", "embedded"];
  return JSON.parse((await stack.mustRun(...args)).stdout) as Plan;
}

const named = ({ resources }: Plan, name: string): PlannedResource["inputs"] | undefined =>
  resources.find(({ urn }) => urn.endsWith(`::${name}`))?.inputs;

/** Connections that the stack's parts may open, with a pool of two for each login. */
async function budget(): Promise<number> {
  stack.configure((config) => {
    config["sark-databases:pool"] = { instances: 1, defaultPoolSize: 2, reservePoolSize: 0 };
  });
  const { servers } = (await preview("local")).outputs as {
    servers: Record<string, { budget: number }>;
  };
  stack.configure((config) => {
    config["sark-databases:pool"] = { instances: 1 };
  });
  return servers["sark"]?.budget ?? 0;
}

test("npm run query refuses a named query whose login has no entry", async () => {
  addQuery();
  const { code, stderr, stdout } = await stack.run("query");
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("allowed are monitor, readonly, app, maintain, migrate, admin");
});

describe("a login added as in CONTRIBUTING.md", () => {
  let before: number;
  beforeAll(async () => {
    before = await budget();
    addLogin();
  });

  test("needs no further code: types check, and the migration passes the lint", async () => {
    execFileSync("node_modules/.bin/oxlint", ["index.ts", "cli", "components", "engine"], {
      cwd: stack.folder,
    });
    await stack.mustRun("lint:sql");
  });

  test("counts twice in the connection budget, once for each role of the pair", async () => {
    expect(await budget()).toBe(before + 2 * 2);
  });

  describe.each(["local", "dev", "prod"])("in the stack %s", (name) => {
    let plan: Plan;
    beforeAll(async () => {
      plan = await preview(name);
    });

    test.each([
      ["sark", "sark"],
      ["sark_audit", "sark-audit"],
    ])(
      "has its roles in %s planned with group and timeouts, and PgBouncer may look them up",
      (database, cluster) => {
        const logins = PAIR.map((login) => `${database}_${login}`);
        for (const login of logins) {
          expect(named(plan, `${cluster}-database-${login}`)).toMatchObject({
            name: login,
            login: true,
            roles: [`${database}_reader`],
          });
        }
        const settings = named(plan, `${cluster}-database-role-settings`)?.["settings"];
        expect(settings).toMatchObject(
          Object.fromEntries(
            logins.map((login) => [login, expect.objectContaining({ statement_timeout: "10s" })]),
          ),
        );
        const lookedUp = named(plan, `${cluster}-database-auth-query`)?.["logins"] as string[];
        expect(lookedUp.slice(-2)).toEqual(logins);
      },
    );
  });

  test("is delivered by prod as a Kubernetes secret for both databases, and in Secrets Manager for RDS", async () => {
    const plan = await preview("prod");
    const ofProbe = plan.resources
      .filter(({ type, urn }) => /Secret$/.test(type) && urn.includes("probe"))
      .map(({ inputs }) => inputs["name"] ?? (inputs["metadata"] as { name: string }).name);
    expect(ofProbe.sort()).toEqual(["sark-audit-probe", "sark-probe", "sark-prod/sark/probe"]);
  });

  describe("after up on this machine", () => {
    beforeAll(async () => {
      await stack.mustRun("generate", "schema", "queries");
      await stack.mustRun("up", "--yes", "--engine", "embedded");
    });

    test("has its active role of the pair in the outputs of each database", async () => {
      const { logins } = JSON.parse((await stack.mustRun("secret", "--json")).stdout) as {
        logins: { name: string; user: string; database: string }[];
      };
      expect(logins.filter(({ name }) => name.includes("probe"))).toEqual([
        { name: "sark_audit_probe", user: "sark_audit_probe_a", database: "sark_audit" },
        { name: "sark_probe", user: "sark_probe_a", database: "sark" },
      ]);
    });

    test("reads through the pool, and writes only what the migration grants", async () => {
      const outcomes = await stack.withLogin(
        "sark_probe",
        async (client) => {
          const outcome = (sql: string): Promise<unknown> =>
            client.query<Record<string, unknown>>(sql).then(
              ({ rows }) => rows,
              (error: unknown) => (error as { code: unknown }).code,
            );
          return [
            await outcome("select current_setting('statement_timeout') as time_out"),
            await outcome("select count(*)::int as servers from public.servers"),
            await outcome("update public.servers set last_seen_at = now() where false"),
            await outcome("update public.servers set name = 'x' where false"),
          ];
        },
        { pool: true },
      );
      expect(outcomes).toEqual([[{ time_out: "10s" }], [{ servers: 0 }], [], "42501"]);
    });

    test("runs a named query, and the query's page names it", async () => {
      const { stdout } = await stack.mustRun("query", "silent-servers", "--json");
      const { answers } = JSON.parse(stdout) as { answers: { database: string; rows: unknown }[] };
      expect(answers.map(({ database, rows }) => [database, rows])).toEqual([
        ["sark", [{ login: "sark_probe_a" }]],
        ["sark_audit", [{ login: "sark_audit_probe_a" }]],
      ]);
      expect(read("docs/queries.md")).toContain("| `silent-servers` | Who asks? |  | probe |");
    });

    test("causes no drift of schema or roles, and the next preview has no changes", async () => {
      const { stdout } = await stack.mustRun("drift", "--json");
      const drift = JSON.parse(stdout) as Record<"schemaDrift" | "roleDrift", object[]>;
      const clean = ["sark", "sark_audit"].map((database) => ({ database, differences: [] }));
      expect(drift.schemaDrift).toMatchObject(clean);
      expect(drift.roleDrift).toMatchObject(clean);
      const { resources } = await preview("local");
      expect(new Set(resources.map(({ op }) => op))).toEqual(new Set(["same"]));
    });
  });
});
