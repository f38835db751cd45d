import {
  type BackupRecord,
  compareRecords,
  differencesText,
} from "../../../components/backups/plan/record";

const USERS = { table: "public.users", rows: 100, checksum: "123" };
const SERVERS = { table: "public.servers", rows: 5, checksum: "-7" };

function compare(restored: BackupRecord["tables"], exact = true): string {
  return differencesText(compareRecords({ tables: [USERS, SERVERS], exact }, restored));
}

test("the same tables in another order are no difference, nor is a table that the record lacks", () => {
  expect(compare([SERVERS, USERS, { table: "public.new", rows: 1, checksum: "1" }])).toBe("");
});

test.each([
  ["a missing table", [USERS], '"public.servers": the table is missing'],
  [
    "missing rows",
    [{ ...USERS, rows: 98, checksum: "5" }, SERVERS],
    '"public.users": 2 of 100 rows missing',
  ],
  [
    "later rows",
    [{ ...USERS, rows: 101 }, SERVERS],
    '"public.users": 1 rows more than the 100 of the record',
  ],
  [
    "a changed row",
    [USERS, { ...SERVERS, checksum: "7" }],
    '"public.servers": 5 rows, but not the same ones',
  ],
])("%s is a difference from an exact record", (_, restored, text) => {
  expect(compare(restored)).toBe(text);
});

test("a record that is not exact allows later and changed rows, and few missing ones", () => {
  expect(
    compare(
      [
        { ...USERS, rows: 101 },
        { ...SERVERS, checksum: "7" },
      ],
      false,
    ),
  ).toBe("");
  expect(compare([{ ...USERS, rows: 99 }, SERVERS], false)).toBe("");
  const many = { ...USERS, rows: 20_000 };
  const few = compareRecords({ tables: [many], exact: false }, [{ ...many, rows: 19_799 }]);
  expect(differencesText(few)).toBe('"public.users": 201 of 20000 rows missing');
  expect(compareRecords({ tables: [many], exact: false }, [{ ...many, rows: 19_800 }])).toEqual([]);
  expect(compare([USERS], false)).toBe('"public.servers": the table is missing');
});
