import { Client } from "pg";
import { ledgerSql } from "../../../../../components/migrations/runner/ledger";
import { rolePlan } from "../../../../../components/roles/plan/role-plan";
import { migratedAudit } from "../../../../support/migrated-audit";
import type { TestTimescale } from "../../../../support/timescale-thread";
import { asExporter, EXPORTER_ROLE, refusedIn } from "./exporter-session";
import { customQueries } from "./exported-metrics";

jest.setTimeout(120_000);

let database: TestTimescale;

beforeAll(async () => {
  database = await migratedAudit();
  await database.query(ledgerSql(new Client(), rolePlan("sark_audit", 1).ledgerReaders));
  await database.query(
    `insert into public.audit_events (event_type, status) values ('login', 'success');
     insert into public.backup_runs (kind, started_at, succeeded) values ('dump', now(), true)`,
  );
  await database.query(EXPORTER_ROLE);
});

afterAll(() => database.close());

const QUERIES = Object.entries(customQueries("sark_audit"));

it.each(QUERIES)("CloudNativePG's exporter runs %s in sark_audit", async (_name, query) => {
  const { predicate, rows } = await asExporter((statement) => database.rows(statement), query);
  expect(predicate).toEqual(query.predicate_query && [{ pg_is_in_recovery: false }]);
  expect(rows).not.toEqual([]);
  expect(refusedIn(rows, query)).toEqual([]);
});
