import { squawkFindings } from "../../lint/squawk";
import { PROGRAM, readTexts } from "./squawk-found";

jest.setTimeout(60_000);

/** How often the lint reads the statements while it filters squawk's findings. */
async function reads(line: (at: number) => string, lines: number): Promise<number> {
  const text = Array.from({ length: lines }, (_, at) => line(at)).join("\n");
  const database = await readTexts(["create table public.users (id bigint);", text]);
  let count = 0;
  const files = database.files.map((file) => ({
    ...file,
    statements: new Proxy(file.statements, {
      get(target, property, receiver): unknown {
        count += 1;
        return Reflect.get(target, property, receiver);
      },
    }),
  }));
  const findings = await squawkFindings(PROGRAM, { ...database, files });
  expect(findings.length).toBeGreaterThanOrEqual(lines);
  return count;
}

it.each([
  ["a column", (at: number) => `alter table public.users drop column if exists c${at};`],
  ["an index", (at: number) => `create index if not exists i${at} on public.users (id);`],
  ["do blocks", (at: number) => `do $$ begin drop table if exists public.t${at}; end $$;`],
])("the lint reads squawk's findings in linear time: %s", async (_, line) => {
  const [short, long] = [await reads(line, 50), await reads(line, 500)];
  expect(long).toBeLessThan(short * 11);
});
