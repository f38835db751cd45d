/** Tests the database layer on a real server with the administrator that the operator creates. */
import { requireHome } from "../../../../../components/homes/plan/registry";
import { Client } from "pg";
import { bootstrapSql } from "../../../../../components/homes/kubernetes/database/bootstrap";
import { adminName } from "../../../../../components/roles/plan/role-plan";
import { readRoleCatalog } from "../../../../../components/roles/role-catalog";
import { AUTH_QUERY } from "../../../../../components/pool/plan/auth-query-plan";
import { rolePlan } from "../../../../../components/roles/plan/role-plan";
import { diffRoles } from "../../../../../components/roles/plan/role-diff";
import { expectedRoles } from "../../../../../components/roles/plan/expected-roles";
import { DENIED, sqlStateOf, valueOf } from "../../../../support/expect-sql";
import {
  type ScratchPostgres,
  startScratchPostgres,
} from "../../../../../scratch/scratch-postgres";
import { asExporter, EXPORTER_ROLE, refusedIn } from "../monitoring/exporter-session";
import { customQueries } from "../monitoring/exported-metrics";
import { type Project, operations } from "../../../../engine/embedded/harness";
import { layerProject } from "./layer-project";

jest.setTimeout(120_000);

const ADMIN_PASSWORD = "of the administrator";
let scratch: ScratchPostgres;
let project: Project;

beforeAll(async () => {
  scratch = await startScratchPostgres({ preload: ["pg_stat_statements"] });
  await asOperator();
  project = layerProject({
    host: scratch.host,
    port: scratch.port,
    user: adminName("sark"),
    password: ADMIN_PASSWORD,
    database: "sark",
  });
});
afterAll(async () => {
  project.dispose();
  await scratch.stop();
});

/** CloudNativePG's steps at the first start, in order (initdb.go, ConfigureNewInstance), then its password. */
async function asOperator(): Promise<void> {
  const admin = adminName("sark");
  const sql = bootstrapSql("sark");
  await as(scratch.user, scratch.password, "postgres", async (postgres) => {
    await postgres.query(`create role "${admin}" login`);
    for (const statement of sql.server) await postgres.query(statement);
    await postgres.query(`create database "sark" owner "${admin}"`);
    // Which the operator creates once the server runs.
    await postgres.query(EXPORTER_ROLE);
    await postgres.query(`alter role "${admin}" with password '${ADMIN_PASSWORD}'`);
  });
  await as(scratch.user, scratch.password, "sark", async (application) => {
    for (const statement of sql.database) await application.query(statement);
  });
}

async function as<T>(
  user: string,
  password: string,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { host, port } = scratch;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs as a login created by the layer. */
async function asLogin<T>(purpose: string, work: (client: Client) => Promise<T>): Promise<T> {
  const { value } = await project.outputs();
  const logins = JSON.parse(String(value?.["logins"])) as Record<string, Record<string, string>>;
  const { user, password } = logins[purpose] ?? {};
  return as(String(user), String(password), "sark", work);
}

const asAdmin = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
  as(adminName("sark"), ADMIN_PASSWORD, "sark", work);

const failures = (events: readonly string[]): readonly string[] =>
  events.filter((event) => event.startsWith("failed"));

describe("database layer on Kubernetes after up", () => {
  beforeAll(async () => {
    const { events, error } = await project.up();
    expect({ failed: failures(events), error }).toEqual({ failed: [], error: undefined });
  });

  it("has no changes on a second preview", async () => {
    const { value } = await project.preview();
    expect(new Set(Object.values(operations(value)))).toEqual(new Set(["same"]));
  });

  it("makes the owner role, not the administrator, own the schema", async () => {
    await asAdmin(async (client) => {
      const owners = await client.query(
        "select distinct tableowner from pg_tables where schemaname = 'public'",
      );
      expect(owners.rows).toEqual([{ tableowner: "sark_owner" }]);
      expect(await sqlStateOf(client.query("select from public.users"))).toBe(DENIED);
    });
  });

  it("lets the application write and the read-only login read", async () => {
    const add = "insert into public.users (username, email) values ('ada', 'ada@example.com')";
    await asLogin("app", (client) => client.query(add));
    await asLogin("readonly", async (client) => {
      expect(await valueOf(client, "select username from public.users")).toBe("ada");
      expect(await sqlStateOf(client.query(add))).toBe(DENIED);
    });
  });

  it("lets the maintenance login record a backup", async () => {
    const add =
      "insert into public.backup_runs (kind, started_at, succeeded) values ('dump', now(), true)";
    await asLogin("maintain", (client) => client.query(add));
  });

  it("has the roles that the drift check expects, including the administrator's grants", async () => {
    const admin = adminName("sark");
    const expected = expectedRoles(
      rolePlan("sark", 1),
      requireHome("kubernetes").roles(admin, false),
      admin,
    );
    const differences = async () =>
      diffRoles(expected, await asLogin("monitor", (client) => readRoleCatalog(client)));
    expect(await differences()).toEqual([]);
    await asAdmin((client) => client.query("grant sark_owner to sark_monitor"));
    const [found, ...more] = await differences();
    expect(found).toMatchObject({ effect: "gained" });
    expect(more).toEqual([]);
    await asAdmin((client) => client.query(found?.undo ?? ""));
    expect(await differences()).toEqual([]);
  });

  it("blocks writes to large objects and WAL, and the administrator cannot re-enable them", async () => {
    for (const write of ["select lo_creat(-1)", "select pg_logical_emit_message(false, '', '')"]) {
      await asLogin("app", async (client) => {
        expect(await sqlStateOf(client.query(write))).toBe(DENIED);
      });
      await asAdmin(async (client) => {
        expect(await sqlStateOf(client.query(write))).toBe(DENIED);
      });
    }
  });

  it("lets PgBouncer look up application verifiers, but not administrators'", async () => {
    await asLogin("pgbouncer", async (client) => {
      const found = await client.query<{ verifier: string }>(AUTH_QUERY, ["sark_app_a"]);
      expect(found.rows[0]?.verifier).toMatch(/^SCRAM-SHA-256\$/);
      for (const login of [adminName("sark"), "postgres", "sark_migrate"]) {
        expect((await client.query(AUTH_QUERY, [login])).rows).toEqual([]);
      }
    });
  });

  it("lets monitoring read statistics and the operator's exporter connect", async () => {
    await asLogin("monitor", async (client) => {
      const seen = await client.query("select query from pg_stat_statements where query ~ 'ada'");
      expect(seen.rows).not.toEqual([]);
    });
    await asAdmin(async (client) => {
      const may = "select has_database_privilege($1, 'sark', 'connect')";
      expect(await valueOf(client, may, ["cnpg_metrics_exporter"])).toBe(true);
      expect(await valueOf(client, may, ["public"])).toBe(false);
    });
  });

  it.each(Object.entries(customQueries("sark")))(
    "lets the operator's exporter run %s",
    async (_name, query) => {
      await as(scratch.user, scratch.password, "sark", async (postgres) => {
        const { predicate, rows } = await asExporter(
          async (statement) => (await postgres.query<Record<string, unknown>>(statement)).rows,
          query,
        );
        expect(predicate).toEqual(query.predicate_query && [{ pg_is_in_recovery: false }]);
        expect(rows).not.toEqual([]);
        expect(refusedIn(rows, query)).toEqual([]);
      });
    },
  );

  it("gives the operator's exporter no access to rows", async () => {
    await as(scratch.user, scratch.password, "sark", async (postgres) => {
      await postgres.query("set session authorization cnpg_metrics_exporter");
      for (const table of ["public.users", "public.api_keys", "public.sessions"]) {
        expect(await sqlStateOf(postgres.query(`select from ${table}`))).toBe(DENIED);
      }
    });
  });

  it("gives the idle login a new password on rotation", async () => {
    const { events } = await project.up({ ROTATION: "2" });
    expect(failures(events)).toEqual([]);
    const user = await asLogin("app", (client) => valueOf(client, "select current_user"));
    expect(user).toBe("sark_app_b");
  });

  it.each([
    ["4", "More than one step"],
    ["1", "A step back"],
    ["5", "More than one step"],
  ])("refuses rotation %s after 2 and keeps the password in use", async (to, why) => {
    const { error } = await project.up({ ROTATION: to });
    expect(error?.message).toContain(
      `rotation-${to === "4" ? "a" : "b"}: rotation: sark-databases:rotation is ${to}`,
    );
    expect(error?.message).toContain(why);
    const user = await asLogin("app", (client) => valueOf(client, "select current_user"));
    expect(user).toBe("sark_app_b");
  });

  it("keeps the previous login's password until the next rotation", async () => {
    expect(failures((await project.up({ ROTATION: "2" })).events)).toEqual([]);
    const passwords = async () => {
      const { rows } = await as(scratch.user, scratch.password, "postgres", (postgres) =>
        postgres.query<{ rolpassword: string }>(
          "select rolpassword from pg_authid where rolname ~ '^sark_app_' order by rolname",
        ),
      );
      return rows.map(({ rolpassword }) => rolpassword);
    };
    const [a, b] = await passwords();
    expect(failures((await project.up({ ROTATION: "3" })).events)).toEqual([]);
    const [newA, sameB] = await passwords();
    expect(sameB).toBe(b);
    expect(newA).not.toBe(a);
  });
});

it.each([
  ["make a superuser", "create role another superuser"],
  ["become a superuser", "set role postgres"],
  ["run programs", "copy (select 1) to program 'true'"],
  ["read the server's files", "select pg_read_file('postgresql.conf')"],
  ["use a role it may only grant", "set role pg_monitor"],
  ["write verifiers", "update pg_authid set rolpassword = null"],
  ["change a role that it did not create", "alter role cnpg_metrics_exporter nologin"],
  ["change the server's parameters", "alter system set log_statement to 'all'"],
])("administrator on Kubernetes cannot %s", async (_what, statement) => {
  expect(await asAdmin((client) => sqlStateOf(client.query(statement)))).toBe(DENIED);
});
