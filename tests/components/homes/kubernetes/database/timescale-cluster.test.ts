/** TimescaleDB, roles and schema of `sark_audit` without a superuser, after the operator's own steps. */
import type { Client } from "pg";
import * as pulumi from "@pulumi/pulumi";
import { bootstrapSql } from "../../../../../components/homes/kubernetes/database/bootstrap";
import { adminName } from "../../../../../components/roles/plan/role-plan";
import { DatabaseLayer } from "../../../../../components/database-layer/database-layer";
import { readSchema } from "../../../../../components/database-layer/catalog";
import { POSTGRESQL_TYPES } from "../../../../../engine/embedded/providers/postgresql/handlers-by-type";
import { DatabaseSession } from "../../../../../engine/embedded/providers/postgresql/provider-session";
import type { WireObject } from "../../../../../engine/wire";
import { DENIED, sqlStateOf } from "../../../../support/expect-sql";
import { applyAll } from "../../../../../scratch/migrated";
import { migratedAudit } from "../../../../support/migrated-audit";
import { kubernetesStack, registeredBy } from "../../../../support/registered";
import { type TestTimescale, openTimescale } from "../../../../support/timescale-thread";

jest.setTimeout(120_000);

const ADMIN = adminName("sark_audit");
let database: TestTimescale;
beforeAll(() => {
  database = openTimescale();
});
afterAll(() => database.close());

const become = (role: string) => database.query(`set session authorization ${role}`);

/** Resources that the layer registers with the PostgreSQL provider, in order. */
async function layerResources() {
  const at = { host: pulumi.output("127.0.0.1"), port: pulumi.output(1) };
  const password = pulumi.output("unused");
  const registered = await registeredBy(
    () =>
      new DatabaseLayer("layer", {
        rotation: 1,
        server: {
          ...at,
          home: "kubernetes",
          engine: "timescaledb",
          database: "sark_audit",
          admin: { ...at, user: ADMIN, password, sslMode: "disable", superuser: false },
          maxConnections: 100,
          // The embedded server already has it.
          extensions: ["timescaledb"],
          limits: [],
          plan: kubernetesStack().servers.sark_audit,
        },
      }),
  );
  return registered.filter(({ type }) => type in POSTGRESQL_TYPES);
}

it("the administrator can create the TimescaleDB database layer", async () => {
  const sql = bootstrapSql("sark_audit");
  await database.query(`create role ${ADMIN} login`);
  for (const statement of sql.server) await database.query(statement);
  // The embedded server has one database; it replaces the one that the operator creates.
  const [here] = await database.rows("select current_database() as name");
  const name = String(here?.["name"]);
  await database.query(`alter database ${name} owner to ${ADMIN}`);
  for (const statement of sql.database.filter((each) => !each.includes("extension"))) {
    await database.query(statement.replace("database sark_audit", `database ${name}`));
  }

  // This build's initial files have a dead pg_database row that hides the database from all but superusers.
  await database.query("vacuum full pg_catalog.pg_class");

  await become(ADMIN);
  const client = {
    query: async (text: string, values: readonly unknown[]) => ({
      rows: await database.rows(text, values.length > 0 ? values : undefined),
    }),
  } as unknown as Client;
  const session = new DatabaseSession(client, ADMIN, name);
  const resources = await layerResources();
  expect(resources.length).toBeGreaterThan(20);
  for (const { type, name: resource, inputs } of resources) {
    const handler = POSTGRESQL_TYPES[type];
    const wire = { ...handler?.defaults, ...inputs, database: name } as WireObject;
    await handler?.create(session, wire).catch((cause: unknown) => {
      throw new Error(`${resource}: ${String(cause)}`, { cause });
    });
  }
  expect(
    await database.rows(
      "select extowner::regrole::text as owner from pg_extension where extname = 'timescaledb'",
    ),
  ).toEqual([{ owner: ADMIN }]);
});

it("migrations applied by the administrator yield the same schema as on a superuser's server", async () => {
  await become("sark_audit_migrate");
  await applyAll(database, "sark_audit");
  await become("postgres");
  const usual = await migratedAudit();
  try {
    expect(await readSchema(database)).toBe(await readSchema(usual));
  } finally {
    await usual.close();
  }
});

it("the owner can run TimescaleDB jobs, and the administrator cannot read rows", async () => {
  await become("sark_audit_owner");
  const [job] = await database.rows(
    "select job_id from timescaledb_information.jobs where proc_name = 'policy_retention' limit 1",
  );
  await database.query(`call public.run_job(${String(job?.["job_id"])})`);
  await become(ADMIN);
  expect(await sqlStateOf(database.query("select from public.audit_events"))).toBe(DENIED);
});
