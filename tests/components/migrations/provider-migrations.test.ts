import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type MigrationsInputs,
  type MigrationsOutputs,
  migrationsProvider,
} from "../../../components/migrations/provider-migrations";
import { readTexts } from "../../../components/migrations/migration-folder";
import { MigrationError } from "../../../components/migrations/plan/errors";
import { planFiles } from "../../../components/migrations/plan/migration-files";
import {
  type MigrationScratch,
  refusal,
  sentence,
  startMigrationScratch,
  type Texts,
} from "../../support/migration-scratch";

const DIRECTORY = "sql/scratch";
const FIRST = { "000001_a.sql": "create table public.a (id int);" };
const SECOND = { "000002_b.sql": "create table public.b (id int);" };

let root: string;
let rootBefore: string | undefined;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sark-migrations-"));
  mkdirSync(join(root, DIRECTORY), { recursive: true });
  writeFileSync(join(root, "Pulumi.yaml"), "name: scratch\nruntime: nodejs\n");
  rootBefore = process.env["SARK_ROOT"];
  process.env["SARK_ROOT"] = root;
});
afterEach(() => {
  if (rootBefore === undefined) delete process.env["SARK_ROOT"];
  else process.env["SARK_ROOT"] = rootBefore;
  rmSync(root, { recursive: true });
});

const CONNECTION = {
  host: "127.0.0.1",
  // Nothing listens there.
  port: 1,
  database: "scratch",
  user: "migrator",
  password: "secret",
  sslMode: "disable" as const,
};

/** Writes the files into the folder and returns the inputs that the program makes of them. */
function inputs(
  texts: Texts,
  connection: MigrationsInputs["connection"] = CONNECTION,
): MigrationsInputs {
  for (const [name, text] of Object.entries(texts))
    writeFileSync(join(root, DIRECTORY, name), text);
  return {
    connection,
    directory: DIRECTORY,
    files: Object.fromEntries(planFiles(texts).map(({ name, hash }) => [name, hash])),
    owner: "owner",
    ledgerReaders: [],
    extensions: [],
  };
}

describe("Migrations preview without a connection", () => {
  const check = async (olds: MigrationsInputs, news: MigrationsInputs) =>
    ((await migrationsProvider.check?.(olds, news))?.failures ?? []).map(({ reason }) => reason);

  it("accepts files that can be applied", async () => {
    expect(await check(inputs({}), inputs({ ...FIRST, ...SECOND }))).toEqual([]);
    expect(await check(inputs(FIRST), inputs({ ...FIRST, ...SECOND }))).toEqual([]);
  });

  it("rejects each pending file that cannot be applied, with code and line", async () => {
    const failures = await check(
      inputs(FIRST),
      inputs({
        ...FIRST,
        "000002_b.sql": "select 1;\nselect from from;",
        "000003_c.sql": "commit;",
        "000004_d.sql": "select 1;",
        "000005_e.sql": "vacuum public.a;",
      }),
    );
    expect(failures).toEqual([
      expect.stringMatching(/^syntax: 000002_b\.sql:2: /),
      expect.stringMatching(/^transaction-control: 000003_c\.sql:1: /),
      expect.stringMatching(/^mixed-concurrently: 000005_e\.sql:1: /),
    ]);
  });

  it("does not parse applied files again", async () => {
    const applied = { "000001_a.sql": "create tabel public.a;" };
    expect(await check(inputs(applied), inputs({ ...applied, ...SECOND }))).toEqual([]);
  });

  it("rejects applied files that were edited or removed", async () => {
    const edited = { "000001_a.sql": "create table public.a (id bigint);" };
    expect(await check(inputs(FIRST), inputs(edited))).toEqual([
      expect.stringMatching(/^edited: 000001_a\.sql/),
    ]);
    rmSync(join(root, DIRECTORY, "000001_a.sql"));
    expect(await check(inputs(FIRST), { ...inputs({}), files: {} })).toEqual([
      expect.stringMatching(/^missing: 000001_a\.sql/),
    ]);
  });

  it("rejects a file that is not UTF-8, and keeps a byte order mark", () => {
    const file = join(root, DIRECTORY, "000001_a.sql");
    writeFileSync(file, Buffer.from([0x2d, 0x2d, 0x20, 0xe4, 0x0a]));
    expect(() => readTexts(join(root, DIRECTORY))).toThrow(
      /^encoding: 000001_a\.sql: it is not UTF-8/,
    );
    writeFileSync(file, "\uFEFFselect 1;");
    expect(readTexts(join(root, DIRECTORY))).toEqual({ "000001_a.sql": "\uFEFFselect 1;" });
  });

  it("rejects a folder named like a file, a broken link, an upper-case name and a missing folder", () => {
    const folder = join(root, DIRECTORY);
    const refused = (): string => {
      try {
        planFiles(readTexts(folder));
      } catch (error) {
        return error instanceof MigrationError ? error.message : `unexpected: ${String(error)}`;
      }
      return "nothing";
    };
    mkdirSync(join(folder, "000001_a.sql"));
    expect(refused()).toBe("unreadable: 000001_a.sql: it is a folder: rename or remove it");
    rmSync(join(folder, "000001_a.sql"), { recursive: true });
    symlinkSync("nowhere", join(folder, "000002_a.sql"));
    expect(refused()).toBe(
      "unreadable: 000002_a.sql: it is missing, or a link to a missing file: restore it",
    );
    rmSync(join(folder, "000002_a.sql"));
    writeFileSync(join(folder, "000003_a.SQL"), "select 1;");
    expect(refused()).toMatch(/^name: 000003_a\.SQL: /);
    rmSync(folder, { recursive: true });
    expect(refused()).toBe("unreadable: the folder is missing: restore it");
  });
});

describe("Migrations resource", () => {
  let scratch: MigrationScratch;
  beforeAll(async () => {
    scratch = await startMigrationScratch();
  });
  afterAll(() => scratch.server.stop());

  const create = async (news: MigrationsInputs) =>
    (await migrationsProvider.create(news)).outs as MigrationsOutputs;
  const update = async (olds: MigrationsOutputs, news: MigrationsInputs) =>
    (await migrationsProvider.update?.("id", olds, news))?.outs as MigrationsOutputs;
  const connection = async () => scratch.connection(await scratch.emptyDatabase());

  it("records the database in its outputs", async () => {
    const news = inputs(FIRST, await connection());
    const outs = await create(news);
    expect(outs).toEqual({
      ...news,
      target: {
        systemIdentifier: expect.stringMatching(/^\d{10,}$/) as string,
        database: news.connection.database,
        major: 18,
      },
    });
    expect(await update(outs, inputs({ ...FIRST, ...SECOND }, news.connection))).toMatchObject({
      target: outs.target,
    });
    expect(
      await scratch.column(
        news.connection.database,
        "select to_regclass('public.b')::text as value",
      ),
    ).toEqual(["public.b"]);
  });

  it("rejects another server at the same address, unless the stack names it or it was upgraded", async () => {
    const news = inputs(FIRST, await connection());
    const outs = await create(news);
    const elsewhere = { ...outs, target: { ...outs.target, systemIdentifier: "4711" } };
    expect(await refusal(update(elsewhere, news))).toMatch(
      sentence("wrong-database", "of server 4711"),
    );

    const older = { ...elsewhere, target: { ...elsewhere.target, major: 17 } };
    expect(await update(older, news)).toEqual(outs);
    const named = { ...news, connection: { ...news.connection, server: "the new one" } };
    expect((await update(elsewhere, named)).target).toEqual(outs.target);
  });

  it("accepts state of an earlier version of this project, without a recorded database", async () => {
    const news = inputs(FIRST, await connection());
    const { target: _, ...older } = await create(news);
    expect(await update(older as MigrationsOutputs, news)).toHaveProperty("target.major", 18);
  });

  it("fails when a file changed after the plan", async () => {
    const news = inputs(FIRST, await connection());
    inputs({ "000001_a.sql": "create table public.other ();" });
    await expect(create(news)).rejects.toThrow("changed after it was planned (000001_a.sql)");
    expect(
      await scratch.column(news.connection.database, "select to_regclass('public.other') as value"),
    ).toEqual([null]);
  });
});
