/** Hypertable settings applied by the migration login on a real TimescaleDB. */
import { Client } from "pg";
import {
  type HypertablesInputs,
  hypertablesProvider,
} from "../../../components/hypertables/provider-hypertables";
import { provider } from "../../../components/resources/providers";
import { applyAll } from "../../../scratch/migrated";
import { rolesSql } from "../../../scratch/roles-sql";
import { type ScratchTimescale, startScratchTimescale } from "../../../scratch/scratch-timescale";

let server: ScratchTimescale;
let inputs: HypertablesInputs;

jest.setTimeout(60_000);

/** One session at a time: each ends before the provider connects. */
const asAdministrator = async <T>(work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: server.connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const rows = (sql: string): Promise<Record<string, unknown>[]> =>
  asAdministrator(async (client) => (await client.query<Record<string, unknown>>(sql)).rows);

beforeAll(async () => {
  server = await startScratchTimescale();
  await asAdministrator(async (client) => {
    await client.query(
      rolesSql("sark_audit", { extensions: ["timescaledb"], password: server.password }),
    );
    await applyAll(client, "sark_audit");
    await client.query(event("2026-01-01 11:00+00"));
  });
  const { host, port } = server;
  inputs = {
    connection: {
      ...{ host, port, password: server.password, sslMode: "disable" },
      ...{ database: "sark_audit", user: "sark_audit_migrate" },
    },
    owner: "sark_audit_owner",
    chunkInterval: {
      audit_events: "6 hours",
      policy_evaluations: "2 hours",
      siem_events: "7 days",
    },
    dropAfter: { audit_events: "45 days", policy_evaluations: "30 days", siem_events: "60 days" },
  };
});

afterAll(() => server.stop());

const event = (time: string): string =>
  `insert into public.audit_events (time, event_type, status) values ('${time}', 'user.created', 'success')`;

const update = (more: Partial<HypertablesInputs>): Promise<unknown> =>
  Promise.resolve(hypertablesProvider.update?.("id", inputs, { ...inputs, ...more }));

/** Figures that the resource may change. */
const figures = (): Promise<Record<string, unknown>[]> =>
  rows(`
    select d.hypertable_name::text as table, d.time_interval::text as interval, j.config ->> 'drop_after' as drop_after
      from timescaledb_information.dimensions as d
      join timescaledb_information.jobs as j using (hypertable_schema, hypertable_name)
     where j.proc_name = 'policy_retention' and d.hypertable_schema = 'public'
     order by 1`);

const AS_SET = [
  { table: "audit_events", interval: "06:00:00", drop_after: "45 days" },
  { table: "policy_evaluations", interval: "02:00:00", drop_after: "30 days" },
  { table: "siem_events", interval: "7 days", drop_after: "60 days" },
];

/** Length of each chunk of the audit trail. */
const chunks = (): Promise<Record<string, unknown>[]> =>
  rows(`
    select (range_end - range_start)::text as length
      from timescaledb_information.chunks where hypertable_name = 'audit_events' order by range_start`);

test("migration login owns hypertables only after set role", async () => {
  const [role] = await rows(
    "select pg_has_role('sark_audit_migrate', 'sark_audit_owner', 'usage') as inherits, pg_has_role('sark_audit_migrate', 'sark_audit_owner', 'set') as takes_on",
  );
  expect(role).toEqual({ inherits: false, takes_on: true });
});

test("hypertables resource sets the interval of new chunks and the retention, and keeps existing chunks", async () => {
  expect(await chunks()).toEqual([{ length: "1 day" }]);
  const result = await hypertablesProvider.create(inputs);
  expect(result).toEqual({ id: "sark_audit-hypertables", outs: inputs });
  expect(await figures()).toEqual(AS_SET);

  await asAdministrator((client) =>
    client.query(`${event("2026-01-01 12:00+00")}; ${event("2026-01-05 07:00+00")}`),
  );
  expect(await chunks()).toEqual([{ length: "1 day" }, { length: "06:00:00" }]);
});

test("hypertables resource changes nothing when repeated, and otherwise only what differs", async () => {
  await update({});
  expect(await figures()).toEqual(AS_SET);
  expect(await chunks()).toHaveLength(2);

  await update({ dropAfter: { ...inputs.dropAfter, siem_events: "90 days" } });
  expect(await figures()).toEqual(
    AS_SET.map((row) => (row.table === "siem_events" ? { ...row, drop_after: "90 days" } : row)),
  );
  await update({});
  expect(await figures()).toEqual(AS_SET);
});

test.each([
  ["a missing table", { chunkInterval: { nobody: "1 hour" } }, /"public\.nobody" does not exist/],
  [
    "retention of a table without a policy",
    { chunkInterval: {}, dropAfter: { nobody: "10 days" } },
    /^nobody has 0 retention policies; its migration must create exactly one$/,
  ],
  [
    "an invalid interval",
    { chunkInterval: { audit_events: "soon" } },
    /invalid input syntax for type interval/,
  ],
] as const)("hypertables resource rejects %s without changing anything", async (_, wrong, why) => {
  const more = {
    chunkInterval: { audit_events: "1 hour", ...wrong.chunkInterval },
    dropAfter: { siem_events: "10 days", ...("dropAfter" in wrong ? wrong.dropAfter : {}) },
  };
  await expect(update(more)).rejects.toThrow(why);
  expect(await figures()).toEqual(AS_SET);
});

describe("state of the former retention resource", () => {
  const former = provider("database:RetentionPolicies");

  test("finds its provider, whose delete leaves the database unchanged", async () => {
    expect(former).toBe(provider("database:Hypertables"));
    await former.delete?.("sark_audit-retention", inputs);
    expect(await figures()).toEqual(AS_SET);
  });
});
