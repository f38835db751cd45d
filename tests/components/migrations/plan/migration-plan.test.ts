import {
  type MigrationErrorCode,
  MigrationError,
} from "../../../../components/migrations/plan/errors";
import { contentHash, planFiles } from "../../../../components/migrations/plan/migration-files";
import {
  pendingFiles,
  rejectChangedFiles,
} from "../../../../components/migrations/plan/migration-plan";

function refusal(work: () => unknown): MigrationError {
  try {
    work();
  } catch (error) {
    if (error instanceof MigrationError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const texts = { "000002_b.sql": "select 2;\n", "000001_a.sql": "select 1;\n" };
const applied = (names: readonly (keyof typeof texts)[]) =>
  names.map((name) => ({ name, hash: contentHash(texts[name]) }));

describe("migration folder", () => {
  it("is planned in the order of its numbers", () => {
    expect(planFiles(texts).map((file) => file.name)).toEqual(["000001_a.sql", "000002_b.sql"]);
  });

  it.each<[MigrationErrorCode, string, Record<string, string>, string]>([
    ["name", "a bare number", { "000001.sql": "" }, "000001.sql: invalid name; name the file like"],
    [
      "name",
      "a short number",
      { "1_users.sql": "" },
      "1_users.sql: invalid name; name the file like",
    ],
    [
      "duplicate",
      "a number used twice",
      { "000001_a.sql": "", "000001_b.sql": "" },
      "000001_b.sql and 000001_a.sql have the same number: give the newer one the next free",
    ],
    [
      "directive",
      "an unknown directive",
      { "000001_a.sql": "--! no-transactions\nselect 1" },
      '000001_a.sql: "--! no-transactions" is an unknown directive; allowed are no-transaction, lock_timeout',
    ],
    [
      "directive",
      "a timeout with an unknown unit",
      { "000001_a.sql": "--! lock_timeout 2 weeks" },
      '"--! lock_timeout 2 weeks" is an unknown directive',
    ],
    [
      "directive",
      "a role name that needs quotes",
      { "000001_a.sql": '--! role "Big Role"' },
      "is an unknown directive",
    ],
  ])("is rejected as %s for %s", (code, _, files, words) => {
    const error = refusal(() => planFiles(files));
    expect(error.code).toBe(code);
    expect(error.message.startsWith(`${code}: `)).toBe(true);
    expect(error.message).toContain(words);
  });

  it("gives directives only from its files' leading lines", () => {
    const [file] = planFiles({
      "000001_a.sql":
        "--! no-transaction\n--! statement_timeout 30min\nselect 1;\n--! lock_timeout 9s\n",
    });
    expect(file?.directives).toEqual({
      transaction: false,
      lockTimeout: "2s",
      statementTimeout: "30min",
      role: undefined,
    });
  });

  it("gives the same hashes for both line endings, and other hashes after any edit", () => {
    expect(contentHash("select 1;\r\nselect 2;\r\n")).toBe(contentHash("select 1;\nselect 2;\n"));
    expect(contentHash("select 1; \n")).not.toBe(contentHash("select 1;\n"));
  });
});

describe("migration files compared with the ledger", () => {
  it("are pending when the ledger lacks them", () => {
    const pending = pendingFiles(planFiles(texts), applied(["000001_a.sql"]));
    expect(pending.map((file) => file.name)).toEqual(["000002_b.sql"]);
  });

  it.each<[MigrationErrorCode, Record<string, string>, string]>([
    ["edited", { ...texts, "000001_a.sql": "select 3;\n" }, "000001_a.sql"],
    ["missing", { "000002_b.sql": texts["000002_b.sql"] }, "000001_a.sql"],
  ])("are rejected by name when an applied one is %s", (code, files, name) => {
    const error = refusal(() => pendingFiles(planFiles(files), applied(["000001_a.sql"])));
    expect(error.code).toBe(code);
    expect(error.message).toContain(name);
  });

  it("are rejected when a new one sorts before an applied one", () => {
    const error = refusal(() => {
      rejectChangedFiles({ "000002_b.sql": "x" }, { "000001_a.sql": "y", "000002_b.sql": "x" });
    });
    expect(error.code).toBe("out-of-order");
    expect(error.message).toContain("000001_a.sql");
  });
});
