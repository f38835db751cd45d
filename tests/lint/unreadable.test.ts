import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../../engine/engine";
import type { Baseline } from "../../lint/migration-history";
import { copyOfSql, outputOf } from "./copy";

jest.setTimeout(30_000);

const TOP = "--! lock_timeout 2s\n--! statement_timeout 60s\n";
const DANGER = `${TOP}drop table public.x;\n`;

let folder: string;

beforeEach(() => {
  folder = copyOfSql();
  fs.writeFileSync(at("sark/000998_x.sql"), DANGER);
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

function at(name: string): string {
  return path.join(folder, "sql", name);
}

/** The printed lines without the constant finding and the last line. */
async function printed(): Promise<readonly string[]> {
  const { code, lines } = await outputOf(folder);
  expect(code).toBe(1);
  const danger = lines.filter((line) =>
    line.startsWith("sql/sark/000998_x.sql:3: squawk/ban-drop-table: "),
  );
  expect(danger).toHaveLength(1);
  return lines.slice(0, -1).filter((line) => !danger.includes(line));
}

describe("the lint reports one finding for an unreadable file and checks the others", () => {
  const LATIN1 = Buffer.from("-- caf\u00e9\nselect 1;\n", "latin1");

  it.each<[string, string, string, () => void]>([
    [
      "not UTF-8",
      "sql/sark/000999_x.sql:1: runner/encoding",
      "it is not UTF-8: save it as UTF-8",
      () => {
        fs.writeFileSync(at("sark/000999_x.sql"), LATIN1);
      },
    ],
    [
      "a folder",
      "sql/sark/000999_x.sql:1: runner/unreadable",
      "it is a folder: rename or remove it",
      () => {
        fs.mkdirSync(at("sark/000999_x.sql"));
      },
    ],
    [
      "a link to nothing",
      "sql/sark/000999_x.sql:1: runner/unreadable",
      "it is missing, or a link to a missing file: restore it",
      () => {
        fs.symlinkSync("nowhere", at("sark/000999_x.sql"));
      },
    ],
    [
      "a link to itself",
      "sql/sark_audit/000999_x y.sql:1: runner/unreadable",
      "it cannot be read (ELOOP): correct it",
      () => {
        fs.symlinkSync("000999_x y.sql", at("sark_audit/000999_x y.sql"));
      },
    ],
    [
      "a link to a device",
      "sql/sark/000999_x.sql:1: runner/unreadable",
      "it is not a regular file: replace or remove it",
      () => {
        fs.symlinkSync("/dev/null", at("sark/000999_x.sql"));
      },
    ],
    [
      "a missing folder of a database",
      "sql/sark_audit:1: runner/unreadable",
      "the folder is missing: restore it",
      () => {
        fs.rmSync(at("sark_audit"), { recursive: true });
      },
    ],
    [
      "a file in the place of a folder",
      "sql/sark_audit:1: runner/unreadable",
      "the folder cannot be read (ENOTDIR): correct it",
      () => {
        fs.rmSync(at("sark_audit"), { recursive: true });
        fs.writeFileSync(at("sark_audit"), "");
      },
    ],
    [
      "a query that is not UTF-8",
      "sql/queries/999_x.sql:1: runner/encoding",
      "it is not UTF-8: save it as UTF-8",
      () => {
        fs.mkdirSync(at("queries"), { recursive: true });
        fs.writeFileSync(at("queries/999_x.sql"), LATIN1);
      },
    ],
    [
      "a folder among the queries",
      "sql/queries/x.sql:1: runner/unreadable",
      "it is a folder: rename or remove it",
      () => {
        fs.mkdirSync(at("queries/x.sql"), { recursive: true });
      },
    ],
  ])("%s", async (_, place, text, spoil) => {
    spoil();
    expect(await printed()).toEqual([`${place}: ${text}`]);
  });

  it("reports two unreadable files, each with its name", async () => {
    fs.mkdirSync(at("sark/000997_x.sql"));
    fs.writeFileSync(at("sark/000999_x.sql"), LATIN1);
    expect(await printed()).toEqual([
      expect.stringMatching(/^sql\/sark\/000997_x\.sql:1: runner\/unreadable: /),
      expect.stringMatching(/^sql\/sark\/000999_x\.sql:1: runner\/encoding: /),
    ]);
  });

  it("reports it also if it is the last file of the baseline", async () => {
    fs.mkdirSync(at("sark/000997_x.sql"));
    const { lines } = await outputOf(folder, { baseline: { sark: "000997_x.sql" } });
    expect(lines.slice(0, -1)).toEqual([
      "sql/sark/000997_x.sql:1: runner/unreadable: it is a folder: rename or remove it",
      expect.stringContaining("sql/sark/000998_x.sql:3: squawk/ban-drop-table: "),
    ]);
  });
});

it.each(["000999_x.SQL", "000999_X.Sql"])("the lint reports the misnamed file %s", async (name) => {
  fs.writeFileSync(at(`sark/${name}`), DANGER);
  const { code, lines } = await outputOf(folder);
  expect(code).toBe(1);
  expect(lines.slice(0, -1)).toEqual([
    `sql/sark/${name}:1: runner/name: invalid name; name the file like 000001_some_words.sql, in lower case, ` +
      "with a six-digit sequence number",
  ]);
});

it.each([
  ["sarc", { sarc: "000001_users.sql" }],
  ["public", { sark: "000001_users.sql", public: "000001_users.sql" }],
])("the lint refuses a baseline of the unknown database %s", async (name, baseline) => {
  const run = outputOf(folder, { baseline: baseline as Baseline });
  await expect(run).rejects.toThrow(
    new UserError(
      `lint/baseline.ts: no database is named "${name}". The databases are sark and sark_audit.`,
    ),
  );
});
