/** Parses a golden dump, as `components/database-layer/catalog-*.ts` write it. */
import { objectsOf } from "../../../components/database-layer/plan/schema-diff";

export interface GoldenColumn {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** `default now()`, `generated always as (...) stored`; undefined for neither. */
  readonly value: string | undefined;
  readonly comment: string | undefined;
}

/** A named part with its SQL. */
export interface GoldenPart {
  readonly name: string;
  readonly definition: string;
}

export interface GoldenGrant {
  readonly privileges: string;
  /** The columns that the grant is limited to; empty for the whole object. */
  readonly columns: readonly string[];
  readonly role: string;
}

export interface GoldenRelation {
  /** `table`, `hypertable`, `view`, `continuous aggregate` and so on. */
  readonly kind: string;
  /** Without `public.`. */
  readonly name: string;
  readonly owner: string;
  readonly comment: string | undefined;
  readonly columns: readonly GoldenColumn[];
  readonly constraints: readonly GoldenPart[];
  /** Indexes without a constraint. */
  readonly indexes: readonly string[];
  readonly triggers: readonly string[];
  /** Row-level security. */
  readonly policies: readonly string[];
  /** Background jobs of the relation. */
  readonly jobs: readonly string[];
  readonly grants: readonly GoldenGrant[];
  /** Further properties: `unlogged`, storage parameters, chunks. */
  readonly notes: readonly string[];
  /** A view's query. */
  readonly definition: string | undefined;
}

export interface GoldenFunction {
  /** `function` or `procedure`. */
  readonly kind: string;
  /** With its arguments' names and types, without `public.`. */
  readonly name: string;
  readonly owner: string;
  readonly comment: string | undefined;
  readonly returns: string | undefined;
  readonly securityDefiner: boolean;
  readonly grants: readonly GoldenGrant[];
}

export interface Golden {
  readonly relations: readonly GoldenRelation[];
  readonly functions: readonly GoldenFunction[];
  /** Jobs without a relation, with their schedules. */
  readonly jobs: readonly GoldenPart[];
  /** The grants of each schema. */
  readonly schemas: readonly { readonly name: string; readonly grants: readonly GoldenGrant[] }[];
}

const RELATION =
  /^(table|view|materialized view|foreign table|hypertable|continuous aggregate|sequence) (.*)$/;
const ITEM =
  /^(owner|comment|column|constraint|index|trigger|policy|grant|job|chunks|columnstore|unlogged|with|row level|materialized)\b/;

/** Reads a dump of `readSchema`. Ignores unknown lines. */
export function readGolden(dump: string): Golden {
  const relations = new Map<string, { kind: string; items: readonly string[] }>();
  const functions: GoldenFunction[] = [];
  const jobs: GoldenPart[] = [];
  const schemas: Golden["schemas"][number][] = [];
  for (const [object, lines] of objectsOf(dump)) {
    const [, kind, name] = RELATION.exec(object) ?? [];
    if (kind !== undefined && name !== undefined) {
      // A hypertable is also listed as a table, and a continuous aggregate as a view.
      const known = relations.get(name);
      const named = known !== undefined && kind !== "hypertable" && kind !== "continuous aggregate";
      const items = [...(known?.items ?? []), ...itemsOf(lines)];
      relations.set(name, { kind: named ? known.kind : kind, items });
    } else if (/^(function|procedure) /.test(object)) functions.push(functionOf(object, lines));
    else if (object.startsWith("job ")) {
      const name = withoutPublic(object.slice("job ".length));
      jobs.push(...lines.map((line) => ({ name, definition: line.replace(/^job \S+ /, "") })));
    } else if (object.startsWith("schema ")) {
      schemas.push({ name: object.slice("schema ".length), grants: grantsOf(lines) });
    }
  }
  return {
    relations: [...relations].map(([name, { kind, items }]) => relationOf(name, kind, items)),
    functions,
    jobs,
    schemas,
  };
}

/** Joins continuation lines with the line above. */
function itemsOf(lines: readonly string[]): readonly string[] {
  return lines.reduce<readonly string[]>((items, line) => {
    const last = items.at(-1);
    const begins =
      ITEM.test(line) || last === undefined || (line.startsWith(" ") && ITEM.test(last));
    return begins ? [...items, line] : [...items.slice(0, -1), `${last}\n${line}`];
  }, []);
}

function relationOf(name: string, kind: string, items: readonly string[]): GoldenRelation {
  const of = (word: string): readonly string[] =>
    items.flatMap((item) => (item.startsWith(`${word} `) ? [item.slice(word.length + 1)] : []));
  return {
    kind,
    name: withoutPublic(name),
    owner: of("owner")[0] ?? "",
    comment: literal(of("comment")[0]),
    columns: of("column").map(columnOf),
    constraints: of("constraint").map(constraintOf),
    // The index of a constraint repeats the constraint.
    indexes: of("index").filter((definition) => !/ with constraint \S+$/.test(definition)),
    triggers: of("trigger"),
    policies: of("policy"),
    jobs: of("job"),
    grants: grantsOf(items),
    notes: items.filter((item) =>
      /^(unlogged|with|row level|chunks|columnstore|materialized)\b/.test(item),
    ),
    definition: items.find((item) => item.startsWith(" "))?.replace(/^ /gm, ""),
  };
}

/** `name type [collate] [not null] [default ... | generated ...] [statistics n] [comment '...']`. */
function columnOf(text: string): GoldenColumn {
  const [name = ""] = /^("(?:[^"]|"")+"|\S+)/.exec(text) ?? [];
  const [, body = "", comment] = /^(.*?)(?: comment (E?'(?:[^']|'')*'))?$/s.exec(text) ?? [];
  const rest = body.slice(name.length + 1).replace(/ statistics \d+$/, "");
  const at = / (default|generated) /.exec(rest)?.index ?? rest.length;
  const declared = rest.slice(0, at);
  return {
    name: name.replace(/^"|"$/g, ""),
    type: declared.replace(/ not null$/, ""),
    nullable: !declared.endsWith(" not null"),
    value: rest.slice(at + 1) || undefined,
    comment: literal(comment),
  };
}

function constraintOf(text: string): GoldenPart {
  const [, name = "", definition = ""] = /^("(?:[^"]|"")+"|\S+) (.*)$/s.exec(text) ?? [];
  return { name, definition };
}

function functionOf(object: string, lines: readonly string[]): GoldenFunction {
  const [, kind = "", name = ""] = /^(\w+) (.*)$/s.exec(object) ?? [];
  const start = lines.findIndex((line) => line.startsWith("CREATE OR REPLACE "));
  const head = start < 0 ? lines : lines.slice(0, start);
  const declared =
    start < 0
      ? []
      : lines.slice(
          start,
          lines.findIndex((line) => line.startsWith("AS ")),
        );
  const returns = declared.find((line) => line.startsWith(" RETURNS "));
  return {
    kind,
    name: withoutPublic(name),
    owner: head.find((line) => line.startsWith("owner "))?.slice("owner ".length) ?? "",
    comment: literal(
      itemsOf(head)
        .find((line) => line.startsWith("comment "))
        ?.slice("comment ".length),
    ),
    returns: returns?.slice(" RETURNS ".length),
    securityDefiner: declared.some((line) => /\bSECURITY DEFINER\b/.test(line)),
    grants: grantsOf(head),
  };
}

function grantsOf(items: readonly string[]): readonly GoldenGrant[] {
  return items.flatMap((item) => {
    const [, privileges, columns, role] =
      /^grant ([^(]+?)(?: \((.*)\))? to (\S+)$/.exec(item) ?? [];
    if (privileges === undefined || role === undefined) return [];
    return [{ privileges, columns: columns?.split(", ") ?? [], role }];
  });
}

/** Reverses `quote_literal`. */
function literal(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const escaped = text.startsWith("E'") ? text.slice(1).replaceAll("\\\\", "\\") : text;
  return escaped.slice(1, -1).replaceAll("''", "'");
}

function withoutPublic(name: string): string {
  return name.replace(/^public\./, "");
}
