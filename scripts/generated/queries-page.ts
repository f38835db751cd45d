import type { QueryFile } from "../../components/queries/plan/query-file";
import { byGroup, readQueries } from "../../cli/commands/query-files";

const HEAD = `# Queries

The queries of the SARK database optimization guide, corrected, and those that looking after the databases takes. Each is
a file \`sql/queries/<group>/<name>.sql\` with what it is for, its parameters and the least login that can run it.

\`\`\`
npm run query                                                   # all names
npm run query connection-use                                    # in each of its databases
npm run query -- servers-by-substring --param part=billing      # with a value
npm run query -- chunks --param hypertable=siem_events --json   # everything, for a program
npm run query -- terminate-idle-connections --stack prod --yes  # more than a question: it says what it did
\`\`\`

Values are bound, never put into the text: \`:name\` in a file is \`$1\` on the wire. What only asks runs in a transaction
that is read-only. Times are in UTC. Every statement has a time-out.

The application's hot queries use the indexes and touch the few pages that \`tests/sql/queries.test.ts\` and
\`tests/sql/queries-audit.test.ts\` say. [query-plans.md](query-plans.md) shows the plans behind the guide's advice, and
what is to be known of prepared statements. A file's own comment says what to do with its answer.

The embedded TimescaleDB of a local stack shows no sessions, counts nothing and has no pg_stat_statements: there, what
asks about these is empty, 0 or an error that says so.

This page is made from the files by \`npm run generate -- queries\`.

`;

const TITLES: Readonly<Record<string, string>> = {
  application: "The application",
  audit: "The audit trail",
  maintenance: "Maintenance",
  monitoring: "Monitoring",
  timescale: "TimescaleDB",
};

/** docs/queries.md, as text. @param root the project's folder */
export function queriesPage(root: string): string {
  const groups = [...byGroup(readQueries(root))];
  return HEAD + groups.map(groupText).join("\n");
}

function groupText([group, queries]: [string, readonly QueryFile[]]): string {
  const mark = queries.some(({ changes }) => changes)
    ? "\n† It does more than ask, and needs `--yes`.\n"
    : "";
  return `## ${TITLES[group] ?? group}

| name | answers | parameters | login | database |
|---|---|---|---|---|
${queries.map(rowText).join("\n")}
${mark}`;
}

function rowText({ name, question, databases, login, changes, parameters }: QueryFile): string {
  const cells = [
    `\`${name}\`${changes ? " †" : ""}`,
    question,
    parameters.map(parameterText).join(", "),
    login,
    databases.map((database) => `\`${database}\``).join(", "),
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** `name` where a value has to be given, `name = default` where not. */
function parameterText({ name, default: given }: QueryFile["parameters"][number]): string {
  return given === undefined ? `**\`${name}\`**` : `\`${name} = ${given}\``;
}
