import { Client, escapeIdentifier, escapeLiteral } from "pg";

import { renderPgbouncerIni, renderUserlist } from "../../../../components/pool/plan/pgbouncer-ini";
import { scramVerifier } from "../../../../components/roles/plan/scram";
import {
  CONSOLE,
  describeWithPgbouncer,
  pgbouncerProgram,
  placeSettings,
  startPgbouncer,
} from "../../../support/started-pgbouncer";
import type { RunningPgbouncer } from "../../../support/started-pgbouncer";
import { startScratchPostgres } from "../../../../scratch/scratch-postgres";
import type { ScratchPostgres } from "../../../../scratch/scratch-postgres";

const PRINTABLE = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).join("");

describe("renderUserlist", () => {
  it("sorts by name and doubles quotes", () => {
    expect(
      renderUserlist([
        { name: "b", secret: "x" },
        { name: 'a"', secret: `";'\\ y` },
      ]),
    ).toBe(`"a""" """;'\\ y"\n"b" "x"\n`);
  });
});

describeWithPgbouncer("rendered userlist on a real PgBouncer", () => {
  const version = pgbouncerProgram?.version ?? "";
  const hostileName = `us"er 'x';`;
  const verifier = scramVerifier(PRINTABLE, Buffer.alloc(16, 7));
  let server: ScratchPostgres;
  let pgbouncer: RunningPgbouncer;

  beforeAll(async () => {
    server = await startScratchPostgres();
    const admin = new Client({ connectionString: server.connectionString });
    await admin.connect();
    for (const role of ["passed_on", "in_clear", "mismatched", hostileName]) {
      await admin.query(
        `create role ${escapeIdentifier(role)} login password ${escapeLiteral(verifier)}`,
      );
    }
    await admin.query(`create database ${escapeIdentifier(`da"ta 'base'`)}`);
    await admin.end();

    const home = { host: server.host, port: server.port };
    const forced = { ...home, dbname: "postgres", user: hostileName, password: PRINTABLE };
    pgbouncer = await startPgbouncer(
      (place) =>
        renderPgbouncerIni({
          version,
          databases: { direct: { ...home, dbname: `da"ta 'base'` }, forced },
          settings: { ...placeSettings(place), server_tls_sslmode: "disable" },
        }).text,
      renderUserlist([
        CONSOLE,
        { name: "passed_on", secret: verifier },
        { name: "in_clear", secret: PRINTABLE },
        { name: "mismatched", secret: scramVerifier(PRINTABLE, Buffer.alloc(16, 8)) },
      ]),
    );
  }, 60_000);

  afterAll(async () => {
    await pgbouncer.stop();
    await server.stop();
  });

  const who = "select current_user as who, current_database() as base";
  const as = (user: string, database = "direct") => ({ database, user, password: PRINTABLE });

  it("passes on a client's SCRAM log-in when both sides have the same verifier", async () => {
    expect(await pgbouncer.query(as("passed_on"), who)).toEqual([
      { who: "passed_on", base: `da"ta 'base'` },
    ]);
  });

  it("cannot pass on the log-in when the verifiers differ", async () => {
    await expect(pgbouncer.query(as("mismatched"), who)).rejects.toThrow(/authentication failed/);
    // The server rejected it: PgBouncer had accepted the password.
    expect(await pgbouncer.logs(/server login failed.*"mismatched"/)).toBe(true);
  });

  it("supports passwords with every printable character", async () => {
    expect(await pgbouncer.query(as("in_clear"), who)).toMatchObject([{ who: "in_clear" }]);
  });

  it("supports special characters in password and name of the connection string", async () => {
    expect(await pgbouncer.query(as("in_clear", "forced"), who)).toEqual([
      { who: hostileName, base: "postgres" },
    ]);
  });
});
