/** A stack with both databases migrated, for `npm run query`. */
import { readdirSync } from "node:fs";
import { Client } from "pg";
import { prepareLedger } from "../../components/migrations/runner/ledger";
import { DATABASES, type DatabaseName, rolePlan } from "../../components/roles/plan/role-plan";
import { projectRoot } from "../../components/files/project-root";
import type { LoginOutput, ServerOutput, StackOutputs } from "../../components/outputs/outputs";
import { type QueryCommand, runQuery } from "../../cli/commands/query";
import { FakeEngine, fakeTerminal, planOf } from "../cli/support/fakes";
import { applyAll, migratedSark, type TestServer } from "../../scratch/migrated";
import { rolesSql } from "../../scratch/roles-sql";
import { type ScratchTimescale, startScratchTimescale } from "../../scratch/scratch-timescale";

export interface QueryAnswer {
  readonly database: string;
  readonly error?: string;
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export class QueryStack {
  readonly outputs: StackOutputs;

  private constructor(
    readonly sark: TestServer,
    private readonly audit: ScratchTimescale,
  ) {
    this.outputs = outputsOf({
      sark: { host: "127.0.0.1", port: sark.port, password: sark.password },
      sark_audit: { host: audit.host, port: audit.port, password: audit.password },
    });
  }

  static async start(parameters: Readonly<Record<string, string>> = {}): Promise<QueryStack> {
    const [sark, audit] = await Promise.all([migratedSark(parameters), startScratchTimescale()]);
    const stack = new QueryStack(sark, audit);
    await stack.asAuditor(async (client) => {
      await client.query(
        rolesSql("sark_audit", { extensions: ["timescaledb"], password: audit.password }),
      );
      await applyAll(client, "sark_audit");
      await client.query("reset role");
      await prepareLedger(client, ["sark_audit_monitor"]);
    });
    await prepareLedger(await sark.connect("postgres"), ["sark_monitor"]);
    return stack;
  }

  /** Runs `npm run query NAME --json`. @returns its document */
  async ask(
    name: string,
    params: QueryCommand["params"] = {},
    more: Partial<Omit<QueryCommand, "name" | "params">> = {},
    outputs: StackOutputs = this.outputs,
  ): Promise<readonly QueryAnswer[]> {
    const { terminal, out } = fakeTerminal({ json: true });
    const command = { name, params, yes: false, json: true, ...more };
    const engine = new FakeEngine(planOf(), { outputs });
    await runQuery(command, engine, { root: projectRoot(), stack: "local" }, terminal);
    return (JSON.parse(out()) as { answers: QueryAnswer[] }).answers;
  }

  /** The rows of a query on one database. @throws the error of the server */
  async rows(
    name: string,
    params: QueryCommand["params"] = {},
    more: Partial<Omit<QueryCommand, "name" | "params">> = {},
  ): Promise<QueryAnswer["rows"]> {
    const [answer, ...others] = await this.ask(name, params, more);
    if (answer === undefined || others.length > 0) throw new Error(`${name}: name one database`);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.rows;
  }

  /** Runs work in `sark_audit` as its superuser. The server has one session, so this ends before a query is asked. */
  async asAuditor<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.audit.connectionString });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.sark.stop(), this.audit.stop()]);
  }
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly password: string;
}

/** Outputs of a stack with both databases at these addresses. */
export function outputsOf(places: Readonly<Record<DatabaseName, Place>>): StackOutputs {
  const servers = DATABASES.map((database): [string, ServerOutput] => {
    const { host, port } = places[database];
    const audit = database === "sark_audit";
    return [
      database,
      {
        home: "local",
        engine: audit ? "timescaledb" : "postgresql",
        database,
        host,
        port,
        sslMode: "disable",
        maxConnections: audit ? 1 : 100,
        budget: 1,
        limits: [],
        migrations: readdirSync(`${projectRoot()}/sql/${database}`),
      },
    ];
  });
  const logins = DATABASES.flatMap((database) =>
    [
      ...rolePlan(database, 1).roles.flatMap(({ name, purpose, active }) =>
        purpose && active ? [{ purpose, user: name }] : [],
      ),
      { purpose: "admin", user: "postgres" },
    ].map(({ purpose, user }): [string, LoginOutput] => [
      `${database}_${purpose}`,
      { database, user, ...places[database] },
    ]),
  );
  return { servers: Object.fromEntries(servers), pool: null, logins: Object.fromEntries(logins) };
}
