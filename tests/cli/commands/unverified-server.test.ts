/** Another program listens on the port of a dead server: no command sends it the password. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withClient } from "../../../components/connections/provider-connection";
import { HOST } from "../../../components/homes/local/processes/ports";
import { configurationDifferences } from "../../../components/homes/local/processes/pgbouncer-console";
import { withAdmin } from "../../../components/homes/local/processes/postgres-admin";
import { projectRoot } from "../../../components/files/project-root";
import { Connections } from "../../../engine/embedded/providers/postgresql/connections";
import { runLoad } from "../../../cli/commands/load";
import { runQuery } from "../../../cli/commands/query";
import { databaseDriftOf } from "../../../cli/report/database-drift";
import { runStatus } from "../../../cli/status/status";
import type { Terminal } from "../../../cli/report/terminal";
import {
  FakePostgres,
  LOGIN_BEHAVIOURS,
  type LoginBehaviour,
  md5Answer,
  countProofs,
} from "../../support/fake-postgres";
import { type ScratchPostgres, startScratchPostgres } from "../../../scratch/scratch-postgres";
import { outputsOf } from "../../support/query-stack";
import { FakeEngine, fakeTerminal, planOf } from "../support/fakes";

const PASSWORD = "the-password";
const REF = { root: projectRoot(), stack: "local" };

let server: ScratchPostgres;
beforeAll(async () => {
  server = await startScratchPostgres();
});
afterAll(() => server.stop());

function engineFor(port: number): FakeEngine {
  const place = { host: HOST, port, password: PASSWORD };
  const { servers, logins } = outputsOf({ sark: place, sark_audit: place });
  const { sark } = servers;
  const stats = { ...place, database: "pgbouncer", user: "pool_stats" };
  const pool = { host: HOST, port, running: true, entries: { sark: "transaction" } };
  const outputs = { servers: { sark }, pool, logins: { ...logins, pool_stats: stats } };
  return new FakeEngine(planOf(), { outputs });
}

type Client = (port: number, terminal: Terminal) => Promise<unknown>;

/** Each way to connect, called as its caller calls it. */
const CLIENTS: Readonly<Record<string, { readonly users: string[]; readonly connect: Client }>> = {
  status: {
    users: ["sark_monitor", "pool_stats"],
    connect: (port, terminal) => runStatus(engineFor(port), REF, terminal),
  },
  query: {
    users: ["sark_monitor"],
    connect: (port, terminal) =>
      runQuery(
        { name: "connections-by-state", params: {}, yes: false, json: true, database: "sark" },
        engineFor(port),
        REF,
        terminal,
      ),
  },
  load: {
    users: ["postgres"],
    connect: (port, terminal) =>
      runLoad({ scale: "S", seed: 1, database: "sark" }, engineFor(port), REF, terminal),
  },
  drift: {
    users: ["sark_monitor"],
    connect: (port) => databaseDriftOf(engineFor(port), REF),
  },
  "the dynamic providers": {
    users: ["sark_migrate"],
    connect: (port) =>
      withClient(
        {
          host: HOST,
          port,
          database: "sark",
          user: "sark_migrate",
          password: PASSWORD,
          sslMode: "disable",
        },
        () => Promise.resolve(),
      ),
  },
  "the embedded engine's provider": {
    users: ["postgres"],
    connect: async (port) => {
      const inputs = {
        host: HOST,
        port: String(port),
        username: "postgres",
        password: PASSWORD,
        sslmode: "disable",
      };
      await new Connections().use(inputs, "sark", () => Promise.resolve());
    },
  },
  "the pool's console": {
    users: ["pool_stats"],
    connect: (port) =>
      configurationDifferences(port, { user: "pool_stats", password: PASSWORD }, [], {}),
  },
  "the local administrator": {
    users: ["postgres"],
    connect: async (port) => {
      // A pid file that names the port.
      const file = join(server.folder, "data", "postmaster.pid");
      const text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace(`\n${server.port}\n`, `\n${port}\n`));
      try {
        const login = { user: "postgres", password: PASSWORD };
        await withAdmin(server.folder, login, () => Promise.resolve());
      } finally {
        writeFileSync(file, text);
      }
    },
  },
};

const MANNER_NAMES = [
  "cleartext",
  "md5",
  "trust",
  "gss",
  "unknown mechanism",
  "few iterations",
  "no proof",
  "wrong proof",
  "garbage",
] as const satisfies readonly LoginBehaviour[];

describe.each(Object.entries(CLIENTS))("%s", (_, { users, connect }) => {
  it.each(MANNER_NAMES)("gives no password to a server that it cannot verify: %s", async (name) => {
    const fake = await FakePostgres.start(name);
    const { terminal, out, err } = fakeTerminal({ json: true });
    try {
      // Some clients return the error, some throw it.
      const end = await connect(fake.port, terminal).catch((error: unknown) => String(error));
      const said = `${JSON.stringify(end)}${out()}${err()}`.replaceAll("\\", "");
      expect(said).toMatch(LOGIN_BEHAVIOURS[name].told);
      expect(said).toContain(`${HOST}:${fake.port}`);
      expect(said).not.toContain(PASSWORD);
      for (const user of users) {
        expect(fake.heard).toContain(`user\0${user}\0`);
        expect(fake.heard).not.toContain(md5Answer(user, PASSWORD));
      }
      expect(fake.heard).not.toContain(PASSWORD);
      expect(countProofs(fake)).toBe(name.endsWith("proof") ? users.length : 0);
    } finally {
      await fake.stop();
    }
  });
});
