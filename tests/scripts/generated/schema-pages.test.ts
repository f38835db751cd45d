/** Pages generated from golden dumps contain everything in the dump. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DATABASES } from "../../../components/roles/plan/role-plan";
import { objectsOf } from "../../../components/database-layer/plan/schema-diff";
import { entityDiagram, foreignKeysOf } from "../../../scripts/generated/schema/entity-diagram";
import { readGolden } from "../../../scripts/generated/schema/golden-reader";
import { schemaPage } from "../../../scripts/generated/schema/schema-pages";

const dumpOf = (database: string): string =>
  readFileSync(join(__dirname, "..", "..", "..", "sql", `${database}.golden.txt`), "utf8");

describe("readGolden", () => {
  const { relations, functions, schemas, jobs } = readGolden(`function public.f(a integer)
  owner sark_owner
  comment 'It''s one line,
  and another.'
  grant EXECUTE to sark_writer
  CREATE OR REPLACE FUNCTION public.f(a integer DEFAULT 1)
   RETURNS integer
   LANGUAGE sql
   SECURITY DEFINER
  AS $function$
    grant nothing to nobody
  $function$

schema public
  owner pg_database_owner
  grant CREATE, USAGE to sark_owner

table public."Odd name"
  owner sark_owner
  unlogged
  column "time" timestamp with time zone not null default clock_timestamp() comment 'A default, not null.'
  column ratio numeric(10,2) statistics 500
  column words tsvector not null generated always as (to_tsvector('english'::regconfig, ' default '::text)) stored
  constraint odd_pkey PRIMARY KEY ("time")
  constraint odd_f_fkey FOREIGN KEY (ratio) REFERENCES public.others(id) ON DELETE CASCADE
  index CREATE UNIQUE INDEX odd_pkey ON public."Odd name" USING btree ("time") with constraint odd_pkey
  index CREATE INDEX odd_ratio_idx ON public."Odd name" USING btree (ratio) WHERE (ratio > 0)
  trigger CREATE TRIGGER odd_touch BEFORE UPDATE ON public."Odd name" FOR EACH ROW EXECUTE FUNCTION public.f()
  policy mine for all to PUBLIC using (true)
  grant SELECT to sark_reader
  grant INSERT ("time", ratio) to sark_writer

view public.by_hour
  owner sark_owner
  column hour timestamp with time zone
  grant SELECT to sark_reader

continuous aggregate public.by_hour
  owner sark_owner
  chunks by hour every 30 days
   SELECT hour,
      count(*) AS events
     FROM public."Odd name"
    GROUP BY hour;
  job policy_retention every 1 day

job public.tidy
  job tidy every 1 day as sark_owner
`);
  const [odd, byHour] = relations;

  it("reads columns with type, nullability, default and comment", () => {
    expect(odd?.columns).toEqual([
      {
        name: "time",
        type: "timestamp with time zone",
        nullable: false,
        value: "default clock_timestamp()",
        comment: "A default, not null.",
      },
      {
        name: "ratio",
        type: "numeric(10,2)",
        nullable: true,
        value: undefined,
        comment: undefined,
      },
      {
        name: "words",
        type: "tsvector",
        nullable: false,
        value: "generated always as (to_tsvector('english'::regconfig, ' default '::text)) stored",
        comment: undefined,
      },
    ]);
  });

  it("reads a table's other parts, and omits indexes of constraints", () => {
    expect(odd).toMatchObject({
      kind: "table",
      owner: "sark_owner",
      notes: ["unlogged"],
      constraints: [{ name: "odd_pkey" }, { name: "odd_f_fkey" }],
      indexes: [expect.stringMatching(/ INDEX odd_ratio_idx ON /)],
      triggers: [expect.stringMatching(/ TRIGGER odd_touch /)],
      policies: ["mine for all to PUBLIC using (true)"],
      grants: [
        { privileges: "SELECT", columns: [], role: "sark_reader" },
        { privileges: "INSERT", columns: ['"time"', "ratio"], role: "sark_writer" },
      ],
    });
    expect(odd && foreignKeysOf(odd)).toEqual([
      { from: '"Odd name"', to: "others", columns: ["ratio"] },
    ]);
  });

  it("merges a continuous aggregate with its view", () => {
    expect(byHour).toMatchObject({
      kind: "continuous aggregate",
      columns: [{ name: "hour" }],
      jobs: ["policy_retention every 1 day"],
      grants: [{ role: "sark_reader" }],
    });
    expect(byHour?.definition).toMatch(/^SELECT hour,\n {3}count/);
    expect(relations).toHaveLength(2);
  });

  it("reads functions without their bodies, schemas and jobs", () => {
    expect(functions).toEqual([
      {
        kind: "function",
        name: "f(a integer)",
        owner: "sark_owner",
        comment: "It's one line,\nand another.",
        returns: "integer",
        securityDefiner: true,
        grants: [{ privileges: "EXECUTE", columns: [], role: "sark_writer" }],
      },
    ]);
    expect(schemas).toEqual([
      {
        name: "public",
        grants: [{ privileges: "CREATE, USAGE", columns: [], role: "sark_owner" }],
      },
    ]);
    expect(jobs).toEqual([{ name: "tidy", definition: "every 1 day as sark_owner" }]);
  });
});

describe.each(DATABASES)("the page of %s", (database) => {
  const dump = dumpOf(database);
  const golden = readGolden(dump);
  const page = schemaPage(database, dump);
  const diagram = entityDiagram(golden).split("\n");

  it("has a heading for each relation and function of the dump, and a row for each column", () => {
    const named = [...objectsOf(dump)].flatMap(([object]) => {
      const [, name] = /^(?:table|view) public\.(.*)$/.exec(object) ?? [];
      return name === undefined ? [] : [name];
    });
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(page).toContain(`\n## \`${name}\`\n`);
    const columns = dump.match(/^ {2}column ("[^"]+"|\S+) /gm) ?? [];
    expect(page.match(/^\| `\w+` +\| `[^`]+` +\| (yes|no) +\|/gm)).toHaveLength(columns.length);
    const callable = dump.match(/^(function|procedure) public\.\w+/gm) ?? [];
    expect(callable.length).toBeGreaterThan(0);
    for (const each of callable) expect(page).toContain(`\n### \`${each.replace(/^.*\./, "")}(`);
  });

  it("has an entity for each relation, and in it each of its columns once", () => {
    const entities = diagram.flatMap((line) => /^ {2}(\w+) \{$/.exec(line)?.[1] ?? []);
    expect(entities).toEqual(golden.relations.map(({ name }) => name));
    const inside = diagram.filter((line) => line.startsWith("    "));
    expect(inside).toHaveLength(golden.relations.flatMap(({ columns }) => columns).length);
  });

  it("has a line for each foreign key", () => {
    const keys = dump.match(/FOREIGN KEY/g) ?? [];
    expect(golden.relations.flatMap(foreignKeysOf)).toHaveLength(keys.length);
    expect(diagram.filter((line) => / \S+--\S+ /.test(line))).toHaveLength(keys.length);
  });

  it("contains only valid lines of a Mermaid entity diagram", () => {
    const [first, ...rest] = diagram;
    expect(first).toBe("erDiagram");
    const attribute = /^ {4}[A-Za-z_][\w[\]()]* [A-Za-z_]\w*( (PK|FK|UK)(, (PK|FK|UK))*)?$/;
    const relation = /^ {2}\w+ (\|o|\|\||\}o)(--|\.\.)(o\{|o\|) \w+ : "[^"]+"$/;
    const [open, close] = [/^ {2}\w+ \{$/, /^ {2}\}$/];
    for (const line of rest) {
      const known = [attribute, relation, open, close].some((pattern) => pattern.test(line));
      expect([line, known]).toEqual([line, true]);
    }
    expect(rest.filter((line) => open.test(line))).toHaveLength(
      rest.filter((line) => close.test(line)).length,
    );
  });
});

it("the entity diagram shows the cardinality at both ends of a foreign key", () => {
  const table = (name: string, ...lines: readonly string[]) =>
    [`table public.${name}`, ...lines.map((line) => `  ${line}`), ""].join("\n");
  const key = (column: string) =>
    `constraint ${column}_fkey FOREIGN KEY (${column}) REFERENCES public.a(id)`;
  const diagram = entityDiagram(
    readGolden(
      [
        table("a", "column id uuid not null", "constraint a_pkey PRIMARY KEY (id)"),
        table("many", "column a_id uuid not null", key("a_id")),
        table("perhaps", "column a_id uuid", key("a_id")),
        table("one", "column a_id uuid not null", key("a_id"), "constraint one_key UNIQUE (a_id)"),
      ].join("\n"),
    ),
  );
  expect(diagram.match(/^ {2}a .*$/gm)).toEqual([
    "  a {",
    '  a ||--o{ many : "a_id"',
    '  a |o--o{ perhaps : "a_id"',
    '  a ||--o| one : "a_id"',
  ]);
});
