import {
  type MigrationScratch,
  refusal,
  startMigrationScratch,
} from "../../../support/migration-scratch";

const FILE = "000002_work.sql";
const PARTITIONED = {
  "000001_p.sql": `create table public.p (id int, x int) partition by range (id);
    create table public.p1 partition of public.p for values from (0) to (10);
    create index p_x on public.p (x);
    insert into public.p select 1, 0 from pg_catalog.generate_series(1, 100);`,
};

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch();
});
afterAll(() => scratch.server.stop());

async function prepared(): Promise<string> {
  const database = await scratch.emptyDatabase();
  await scratch.migrate(database, PARTITIONED);
  return database;
}

function run(database: string, sql: string, killed?: "ledger"): Promise<readonly string[]> {
  const texts = { ...PARTITIONED, [FILE]: sql };
  return scratch.migrate(database, texts, {
    onStep: ({ before }) => {
      if (before === killed) throw new Error("killed");
    },
  });
}

const partitions = (database: string) =>
  scratch.column(
    database,
    "select concat(inhrelid::regclass, ' ', inhdetachpending) as value from pg_inherits where inhparent = 'public.p'::regclass",
  );

describe("concurrent detach of a partition", () => {
  const DETACH =
    "--! no-transaction\nalter table public.p detach partition public.p1 concurrently;";

  it("is done and recorded once", async () => {
    const database = await prepared();
    expect(await run(database, DETACH)).toEqual([FILE]);
    expect(await run(database, DETACH)).toEqual([]);
    expect(await partitions(database)).toEqual([]);
  });

  it("is only recorded when the last run ended before recording it", async () => {
    const database = await prepared();
    await expect(run(database, DETACH, "ledger")).rejects.toThrow("killed");
    expect(await run(database, DETACH)).toEqual([FILE]);
    expect(await partitions(database)).toEqual([]);
  });

  it("is finalized when it was interrupted half-way", async () => {
    const database = await prepared();
    const short = DETACH.replace("\n", "\n--! statement_timeout 1500ms\n");
    // The second of its two transactions waits for readers of the partition.
    await scratch.session(database, async (reader) => {
      await reader.query("begin; select from public.p");
      expect(await refusal(run(database, short))).toContain("statement timeout");
      await reader.query("rollback");
    });
    expect(await partitions(database)).toEqual(["public.p1 t"]);
    // With a longer timeout, as a user would set after the error.
    expect(await run(database, DETACH)).toEqual([FILE]);
    expect(await partitions(database)).toEqual([]);
  });

  it("is not finalized when another session has begun it", async () => {
    const database = await prepared();
    await scratch.session(database, async (reader) => {
      await reader.query("begin; select from public.p");
      const other = scratch.session(database, async (client) => {
        await client.query("set statement_timeout = 500");
        await client.query("alter table public.p detach partition public.p1 concurrently");
      });
      await expect(other).rejects.toThrow("statement timeout");
      await reader.query("rollback");
    });
    expect(await refusal(run(database, DETACH))).toContain("already pending detach");
  });
});

describe("do block that commits", () => {
  const BATCHES = `do $$ begin
    for batch in 1..3 loop update public.p set x = x + 1; commit; end loop;
    end $$;`;

  it("runs in a file marked no-transaction", async () => {
    const database = await prepared();
    expect(await run(database, `--! no-transaction\n${BATCHES}`)).toEqual([FILE]);
    expect(await scratch.column(database, "select distinct x as value from public.p")).toEqual([3]);
  });

  it("is rejected in a transactional file before anything runs", async () => {
    const database = await prepared();
    const sql = `update public.p set x = 9;\n${BATCHES}`;
    expect(await refusal(run(database, sql))).toBe(
      `mixed-concurrently: ${FILE}:2: this cannot run in a transaction: move it to its own file that begins with "--! no-transaction"`,
    );
    expect(await scratch.column(database, "select distinct x as value from public.p")).toEqual([0]);
  });
});

describe("statement that only the server can reject in a transaction", () => {
  it.each([
    ["a procedure that commits", "call public.commits();"],
    ["a rebuild of a partitioned table", "reindex table public.p;"],
    ["a rebuild of a partitioned index", "reindex index public.p_x;"],
  ])("has an error with the remedy, and runs in its own file: %s", async (_, sql) => {
    const database = await prepared();
    await scratch.session(database, (client) =>
      client.query(
        "create procedure public.commits() language plpgsql as 'begin commit; end'; grant execute on procedure public.commits to owner",
      ),
    );
    expect(await refusal(run(database, sql))).toContain(
      `Move it to its own file that begins with "--! no-transaction"; nothing of the file was applied`,
    );
    expect(await run(database, `--! no-transaction\n${sql}`)).toEqual([FILE]);
  });
});

describe("reindex without concurrently", () => {
  it.each(["reindex schema public", "reindex database", "reindex table public.p"])(
    "runs outside of a transaction, and again when it was not recorded: %s",
    async (sql) => {
      const database = await prepared();
      const file = `--! no-transaction\n${sql};`;
      await expect(run(database, file, "ledger")).rejects.toThrow("killed");
      expect(await run(database, file)).toEqual([FILE]);
    },
  );
});
