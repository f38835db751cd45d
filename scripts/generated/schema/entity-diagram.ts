/** The relations of a golden dump as a Mermaid entity diagram. */
import type { Golden, GoldenColumn, GoldenRelation } from "./golden-reader";

export interface ForeignKey {
  readonly from: string;
  readonly to: string;
  readonly columns: readonly string[];
}

/** Short type names, which PostgreSQL also accepts. */
const SHORT: readonly (readonly [RegExp, string])[] = [
  [/^timestamp with time zone$/, "timestamptz"],
  [/^timestamp without time zone$/, "timestamp"],
  [/^double precision$/, "float8"],
  [/^character varying/, "varchar"],
];

/** The foreign keys in a relation's constraints. */
export function foreignKeysOf({ name, constraints }: GoldenRelation): readonly ForeignKey[] {
  return constraints.flatMap(({ definition }) => {
    const [, columns, to] = /^FOREIGN KEY \((.*?)\) REFERENCES (\S+?)\(/.exec(definition) ?? [];
    if (columns === undefined || to === undefined) return [];
    return [{ from: name, to: to.replace(/^public\./, ""), columns: columns.split(", ") }];
  });
}

/** The relations that a view reads. */
function sourcesOf({ definition = "" }: GoldenRelation): readonly string[] {
  const named = [...definition.matchAll(/\b(?:FROM|JOIN) (?:public\.)?(\w+)/g)];
  return [...new Set(named.map(([, name = ""]) => name))];
}

/** The diagram's source: an entity for each relation with columns, a line for each foreign key and each source. */
export function entityDiagram({ relations }: Golden): string {
  const shown = relations.filter(({ columns }) => columns.length > 0);
  const names = new Set(shown.map(({ name }) => name));
  return [
    "erDiagram",
    ...shown.flatMap(entity),
    ...shown.flatMap((relation) => foreignKeysOf(relation).map((key) => keyLine(relation, key))),
    ...shown.flatMap((relation) =>
      sourcesOf(relation)
        .filter((source) => names.has(source))
        .map((source) => `  ${idOf(source)} }o..o{ ${idOf(relation.name)} : "aggregated in"`),
    ),
  ].join("\n");
}

function entity(relation: GoldenRelation): readonly string[] {
  const lines = relation.columns.map((column) => {
    const keys = keysOf(relation, column);
    return `    ${typeOf(column)} ${idOf(column.name)}${keys.length > 0 ? ` ${keys.join(", ")}` : ""}`;
  });
  return [`  ${idOf(relation.name)} {`, ...lines, "  }"];
}

/** The line of a foreign key. It ends with at most one row if a unique key lies within its columns. */
function keyLine(relation: GoldenRelation, { from, to, columns }: ForeignKey): string {
  const optional = relation.columns.some(
    ({ name, nullable }) => nullable && columns.includes(name),
  );
  const single = uniqueSets(relation).some((set) => set.every((name) => columns.includes(name)));
  return (
    `  ${idOf(to)} ${optional ? "|o" : "||"}--${single ? "o|" : "o{"} ${idOf(from)} : ` +
    `"${columns.join(", ")}"`
  );
}

function keysOf(relation: GoldenRelation, { name }: GoldenColumn): readonly string[] {
  const inKey = (word: RegExp) =>
    relation.constraints.some(
      ({ definition }) => word.test(definition) && keyColumns(definition).includes(name),
    );
  const foreign = foreignKeysOf(relation).some(({ columns }) => columns.includes(name));
  const unique = uniqueSets(relation).some((set) => set.length === 1 && set[0] === name);
  const primary = inKey(/^PRIMARY KEY/);
  return [
    ...(primary ? ["PK"] : []),
    ...(foreign ? ["FK"] : []),
    ...(unique && !primary ? ["UK"] : []),
  ];
}

function uniqueSets({ constraints }: GoldenRelation): readonly (readonly string[])[] {
  return constraints.flatMap(({ definition }) =>
    /^(PRIMARY KEY|UNIQUE)/.test(definition) ? [keyColumns(definition)] : [],
  );
}

function keyColumns(definition: string): readonly string[] {
  const [, columns = ""] = /^[A-Z ]+ \((.*?)\)/.exec(definition) ?? [];
  return columns.split(", ").map((name) => name.replace(/^"|"$/g, ""));
}

function typeOf({ type }: GoldenColumn): string {
  const [, short] = SHORT.find(([pattern]) => pattern.test(type)) ?? [];
  return (short ?? type).replace(/[^\w[\]()]+/g, "_");
}

/** A name of letters, digits and underscores, which every version of Mermaid accepts. */
function idOf(name: string): string {
  return name.replace(/\W+/g, "_");
}
