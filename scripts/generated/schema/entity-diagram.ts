/** The relations of a golden dump as an entity diagram, in Mermaid's language. */
import type { Golden, GoldenColumn, GoldenRelation } from "./golden-reader";

export interface ForeignKey {
  readonly from: string;
  readonly to: string;
  readonly columns: readonly string[];
}

/** Mermaid's words for short, as PostgreSQL knows them too. */
const SHORT: readonly (readonly [RegExp, string])[] = [
  [/^timestamp with time zone$/, "timestamptz"],
  [/^timestamp without time zone$/, "timestamp"],
  [/^double precision$/, "float8"],
  [/^character varying/, "varchar"],
];

/** The foreign keys of a relation, by its constraints. */
export function foreignKeysOf({ name, constraints }: GoldenRelation): readonly ForeignKey[] {
  return constraints.flatMap(({ definition }) => {
    const [, columns, to] = /^FOREIGN KEY \((.*?)\) REFERENCES (\S+?)\(/.exec(definition) ?? [];
    if (columns === undefined || to === undefined) return [];
    return [{ from: name, to: to.replace(/^public\./, ""), columns: columns.split(", ") }];
  });
}

/** Where a view has its rows from, of the relations that there are. */
function sourcesOf({ definition = "" }: GoldenRelation): readonly string[] {
  const named = [...definition.matchAll(/\b(?:FROM|JOIN) (?:public\.)?(\w+)/g)];
  return [...new Set(named.map(([, name = ""]) => name))];
}

/** The source of the diagram: an entity for each relation with columns, a line for each foreign key and each source. */
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
        .map((source) => `  ${idOf(source)} }o..o{ ${idOf(relation.name)} : "is summed up in"`),
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

/** One row of the other table at most where nothing else of the key's columns is unique. */
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

/** Letters, digits and underscores are what every version of Mermaid takes. */
function idOf(name: string): string {
  return name.replace(/\W+/g, "_");
}
