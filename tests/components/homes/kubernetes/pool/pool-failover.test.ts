import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "pg";
import { FAILOVER_TIMEOUTS } from "../../../../../components/homes/kubernetes/pool/pool-ini";
import {
  renderPgbouncerIni,
  renderUserlist,
} from "../../../../../components/pool/plan/pgbouncer-ini";
import { HOST } from "../../../../../components/homes/local/processes/ports";
import { transaction } from "../../../../../docs/examples/pool-transaction";
import { FailoverPair } from "../../../../support/failover-pair";
import {
  CONSOLE,
  type RunningPgbouncer,
  describeWithPgbouncer,
  pgbouncerProgram,
  placeSettings,
  startPgbouncer,
} from "../../../../support/started-pgbouncer";

/** Tests failover with two real servers, the pool's Kubernetes settings, and an address that moves like a Service. */
describeWithPgbouncer("clients of PgBouncer at a switchover", () => {
  let servers: FailoverPair;
  let pgbouncer: RunningPgbouncer;
  let pool: Pool;
  let running = true;

  beforeEach(async () => {
    servers = await FailoverPair.start();
    await servers.run("create table public.written (client int, number int)");
    const { user, password } = servers.primary;
    const entry = { host: HOST, port: servers.relay.port, dbname: "postgres" };
    pgbouncer = await startPgbouncer(
      (place) => {
        const settings = { ...FAILOVER_TIMEOUTS, ...placeSettings(place) };
        const version = pgbouncerProgram?.version ?? "";
        return renderPgbouncerIni({ version, databases: { sark: entry }, settings }).text;
      },
      renderUserlist([CONSOLE, { name: user, secret: password }]),
    );
    const { port } = pgbouncer.place;
    pool = new Pool({ host: HOST, port, user, password, database: "sark", max: 10 });
    // Ignores the end of an idle connection; without a listener it ends the process.
    pool.on("error", () => undefined);
    running = true;
  });

  afterEach(async () => {
    await pool.end();
    await pgbouncer.stop();
    await servers.remove();
  });

  /** Writes rows one after another with `write` until stopped; returns the errors. */
  async function writing(client: number, write: (sql: string) => Promise<unknown>, seen: number[]) {
    const errors: { readonly code?: string; readonly message: string }[] = [];
    for (let number = 0; running; number++) {
      try {
        await write(`insert into public.written values (${client}, ${number})`);
        seen.push(number);
      } catch (error) {
        errors.push(error as Error);
      }
      await sleep(10);
    }
    return errors;
  }

  /** Makes ten clients write across `event`, until each has written again. */
  async function across(write: (sql: string) => Promise<unknown>, event: () => Promise<void>) {
    const seen = Array.from({ length: 10 }, (): number[] => []);
    const errors = seen.map((each, client) => writing(client, write, each));
    const progress = async () => {
      const before = seen.map(({ length }) => length);
      while (seen.some(({ length }, at) => length <= (before[at] ?? 0))) await sleep(20);
    };
    await progress();
    await event();
    await progress();
    running = false;
    return { seen, errors: (await Promise.all(errors)).flat() };
  }

  it("get only errors that the example retries, without the example", async () => {
    const { errors } = await across(
      (sql) => pool.query(sql),
      () => servers.switchOver(),
    );
    expect(errors).toContainEqual(
      expect.objectContaining({
        code: "08P01",
        message: expect.stringContaining("server login has been failing") as string,
      }),
    );
  });

  it("see no error and lose no row with the example's retries", async () => {
    const { seen, errors } = await across(
      (sql) => transaction(pool, (client) => client.query(sql)),
      () => servers.switchOver(),
    );
    // A commit in flight may have happened; the example leaves it to its caller.
    const unknown = errors.length;
    expect(unknown).toBeLessThanOrEqual(10);
    const rows = await servers.run(
      "select client, number, count(*)::int as times from public.written group by 1, 2",
    );
    expect(rows.filter(({ times }) => times !== 1)).toEqual([]);
    const written = new Set(
      rows.map(({ client, number }) => `${String(client)} ${String(number)}`),
    );
    const lost = seen.flatMap((each, client) =>
      each.filter((number) => !written.has(`${client} ${number}`)),
    );
    expect(lost).toEqual([]);
    const confirmed = seen.reduce((total, { length }) => total + length, 0);
    expect(written.size - confirmed).toBeLessThanOrEqual(unknown);
  });

  it("wait without error with PAUSE before the switchover and RESUME after it", async () => {
    const { errors } = await across(
      (sql) => pool.query(sql),
      async () => {
        await pgbouncer.ask("PAUSE sark");
        await servers.switchOver();
        await pgbouncer.ask("RESUME sark");
      },
    );
    expect(errors).toEqual([]);
  });
});

describe("retry example", () => {
  const attempts = async (error: object, at: "work" | "commit") => {
    let count = 0;
    const query = (sql: string) => {
      if (sql !== at) return Promise.resolve();
      count++;
      return count === 1
        ? Promise.reject(Object.assign(new Error("failed"), error))
        : Promise.resolve();
    };
    const client = { query, on: () => client, off: () => client, release: () => undefined };
    const pool = { connect: () => Promise.resolve(client) } as unknown as Pool;
    await transaction(pool, (each) => each.query("work")).catch(() => undefined);
    return count;
  };

  it.each([
    ["the server stops", { code: "57P01" }],
    ["the server crashed", { code: "57P02" }],
    ["the server starts", { code: "57P03" }],
    ["PgBouncer has no server", { code: "08P01", message: "server login has been failing" }],
    [
      "PgBouncer's connection to the server broke",
      { code: "08P01", message: "server conn crashed?" },
    ],
    ["PgBouncer does not listen", { code: "ECONNREFUSED" }],
    ["PgBouncer's connection was reset", { code: "ECONNRESET" }],
    ["the connection ended", { message: "Connection terminated unexpectedly" }],
    ["no connection came in time", { message: "timeout exceeded when trying to connect" }],
  ])("retries when %s", async (_, error) => {
    expect(await attempts(error, "work")).toBe(2);
  });

  it.each([
    ["a duplicate key", { code: "23505" }],
    ["a wrong password", { code: "28P01" }],
    ["a login that PgBouncer refuses", { code: "08P01", message: "SASL authentication failed" }],
    ["a database that PgBouncer lacks", { code: "08P01", message: "no such database: sark2" }],
    ["a read-only transaction", { code: "25006" }],
    ["an error of the application", {}],
  ])("does not retry on %s", async (_, error) => {
    expect(await attempts(error, "work")).toBe(1);
  });

  it("does not repeat a transaction whose commit was sent", async () => {
    expect(await attempts({ code: "57P01" }, "commit")).toBe(1);
  });
});
