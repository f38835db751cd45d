import { waitUntil } from "../../../../components/homes/local/processes/process";
import {
  type MigrationScratch,
  refusal,
  sentence,
  startMigrationScratch,
} from "../../../support/migration-scratch";
import {
  DONE,
  FILE,
  outsideScratch,
  UNFINISHED,
  withFile,
} from "../../../support/migration-outside";

let scratch: MigrationScratch;
beforeAll(async () => {
  scratch = await startMigrationScratch();
});
afterAll(() => scratch.server.stop());

const { prepared, indexes, identity, recorded, whileWritten, waitingProcess, unrecorded } =
  outsideScratch(() => scratch);
const migrate: MigrationScratch["migrate"] = (database, texts, options) =>
  scratch.migrate(database, texts, options);
const UNIQUE = withFile("create unique index concurrently a_id on public.a (id);");
const PLAIN = withFile("create index concurrently a_id on public.a (id);");

describe("concurrent build of an index", () => {
  it("is done and recorded once", async () => {
    const database = await prepared();
    expect(await migrate(database, PLAIN)).toEqual([FILE]);
    expect(await migrate(database, PLAIN)).toEqual([]);
    expect(await indexes(database)).toEqual(["a_id valid"]);
    expect(await recorded(database)).toEqual(DONE);
  });

  it("is repeated after duplicate rows", async () => {
    const database = await prepared();
    for (let round = 1; round <= 2; round += 1) {
      expect(await refusal(migrate(database, UNIQUE))).toMatch(
        sentence(
          "failed",
          `${FILE}:3: could not create unique index "a_id"`,
          "public.a_id",
          "drops it",
        ),
      );
      expect(await indexes(database)).toEqual(["a_id invalid unique"]);
      expect(await recorded(database)).toEqual(UNFINISHED);
    }
    await scratch.session(database, (client) =>
      client.query("delete from public.a where ctid = (select max(ctid) from public.a)"),
    );
    expect(await migrate(database, UNIQUE)).toEqual([FILE]);
    expect(await indexes(database)).toEqual(["a_id valid unique"]);
    expect(await recorded(database)).toEqual(DONE);
  });

  it.each([
    [
      "was cancelled",
      "pg_cancel_backend",
      "canceling statement due to user request",
      "public.a_id",
    ],
    ["lost its session", "pg_terminate_backend", "terminating connection", "the session was lost"],
  ])("is repeated after a run that %s", async (_, how, message, left) => {
    const database = await prepared();
    await whileWritten(database, async () => {
      const refused = refusal(migrate(database, PLAIN));
      const pid = await waitingProcess(database);
      await scratch.column("postgres", `select ${how}(${pid}) as value`);
      expect(await refused).toMatch(sentence("failed", `${FILE}:3: ${message}`, left, "run again"));
    });
    expect(await indexes(database)).toEqual(["a_id invalid"]);
    expect(await migrate(database, PLAIN)).toEqual([FILE]);
    expect(await indexes(database)).toEqual(["a_id valid"]);
    expect(await recorded(database)).toEqual(DONE);
  });

  it("is repeated after its statement_timeout", async () => {
    const database = await prepared();
    const short = withFile(
      "create index concurrently a_id on public.a (id);",
      "--! statement_timeout 300ms\n",
    );
    await whileWritten(database, async () => {
      expect(await refusal(migrate(database, short))).toMatch(
        sentence(
          "failed",
          "canceling statement due to statement timeout",
          "public.a_id",
          "starts over",
        ),
      );
    });
    expect(await indexes(database)).toEqual(["a_id invalid"]);
    expect(await migrate(database, short)).toEqual([FILE]);
    expect(await indexes(database)).toEqual(["a_id valid"]);
    expect(await recorded(database)).toEqual(DONE);
  });

  it("gives up after its attempts, names open transactions, and is repeated by the next run", async () => {
    const database = await prepared();
    const short = withFile(
      "create index concurrently a_id on public.a (id);",
      "--! lock_timeout 200ms\n",
    );
    await whileWritten(database, async () => {
      expect(await refusal(migrate(database, short))).toMatch(
        sentence(
          "lock-timeout",
          "public.a_id",
          "attempt 2 of 2",
          "of postgres (the writer)",
          "run again",
        ),
      );
      expect(await indexes(database)).toEqual(["a_id invalid"]);
    });
    expect(await migrate(database, short)).toEqual([FILE]);
    expect(await indexes(database)).toEqual(["a_id valid"]);
  });

  it("names a session with a snapshot in another table, and not itself", async () => {
    const database = await prepared();
    const short = withFile(
      "create index concurrently a_id on public.a (id);",
      "--! lock_timeout 200ms\n",
    );
    const message = await scratch.session(database, async (reader) => {
      await reader.query(
        `set application_name to 'the report'; begin isolation level repeatable read;
         select count(*) from pg_class`,
      );
      return refusal(migrate(database, short));
    });
    expect(message).toMatch(sentence("lock-timeout", "a transaction is open in", "(the report)"));
    expect(message).not.toContain("of migrator");
  });

  it("is repeated within the run when the lock is released in time", async () => {
    const database = await prepared();
    const said: string[] = [];
    const short = withFile(
      "create index concurrently a_id on public.a (id);",
      "--! lock_timeout 200ms\n",
    );
    await whileWritten(database, async (writer) => {
      const run = migrate(database, short, {
        lockTries: 50,
        say: (text) => {
          said.push(text);
          if (said.length === 2) void writer.query("commit");
        },
      });
      expect(await run).toEqual([FILE]);
    });
    expect(said.join("\n")).toContain("dropping the leftover index public.a_id");
    expect(await indexes(database)).toEqual(["a_id valid"]);
    expect(await recorded(database)).toEqual(DONE);
  });

  it("is only recorded when the last run completed but did not record it", async () => {
    const database = await prepared();
    await unrecorded(database, PLAIN);
    expect(await recorded(database)).toEqual(UNFINISHED);
    const built = await identity(database);

    expect(await migrate(database, PLAIN)).toEqual([FILE]);
    expect(await identity(database)).toEqual(built);
    expect(await recorded(database)).toEqual(DONE);
  });

  it("is repeated when its file was edited in the meantime, under any name", async () => {
    const database = await prepared();
    await unrecorded(database, PLAIN);
    const mended = withFile("create index concurrently a_id on public.a (id desc);");
    const built = await identity(database);
    await unrecorded(database, mended);
    expect(await identity(database)).not.toEqual(built);

    expect(await refusal(migrate(database, UNIQUE))).toMatch(sentence("failed", "public.a_id"));
    const renamed = withFile("create index concurrently other on public.a (id);");
    expect(await migrate(database, renamed)).toEqual([FILE]);
    expect(await indexes(database)).toEqual(["other valid"]);
  });

  it("reports the server's error each time when another index has its name", async () => {
    const database = await prepared();
    await scratch.session(database, (client) => client.query("create index a_id on public.a (id)"));
    const before = await identity(database);
    for (let round = 1; round <= 2; round += 1) {
      expect(await refusal(migrate(database, PLAIN))).toMatch(
        sentence("failed", 'relation "a_id" already exists'),
      );
    }
    expect(await identity(database)).toEqual(before);
    expect(await recorded(database)).toEqual(["0 0"]);
  });

  it("is not recorded when `if not exists` found an invalid index of others", async () => {
    const database = await prepared();
    await scratch.session(database, async (client) => {
      await expect(
        client.query("create unique index concurrently a_id on public.a (id)"),
      ).rejects.toThrow("could not create");
    });
    const texts = withFile("create index concurrently if not exists a_id on public.a (id);");
    expect(await refusal(migrate(database, texts))).toMatch(
      sentence("failed", "no valid index public.a_id on public.a", "drop it"),
    );
    expect(await indexes(database)).toEqual(["a_id invalid unique"]);
  });
});

it("migration runner rebuilds an index after its backend was killed", async () => {
  const own = await startMigrationScratch();
  const ownTable = outsideScratch(() => own);
  try {
    const database = await ownTable.prepared();
    const refused = await ownTable.whileWritten(database, async () => {
      const run = refusal(own.migrate(database, PLAIN));
      process.kill(await ownTable.waitingProcess(database), "SIGKILL");
      return run;
    });
    expect(refused).toMatch(sentence("failed", `${FILE}:3: `, "the session was lost", "run again"));

    // The server ends all sessions and recovers in a moment.
    const answers = (): Promise<boolean> =>
      ownTable.indexes(database).then(
        () => true,
        () => false,
      );
    expect(await waitUntil(answers, 20_000)).toBe(true);
    expect(await ownTable.indexes(database)).toEqual(["a_id invalid"]);
    expect(await own.migrate(database, PLAIN)).toEqual([FILE]);
    expect(await ownTable.indexes(database)).toEqual(["a_id valid"]);
    expect(await ownTable.recorded(database)).toEqual(DONE);
  } finally {
    await own.server.stop();
  }
});
