import type { QueryFile } from "../../components/queries/plan/query-file";
import { byGroup } from "../../cli/commands/query-files";
import { readQueries } from "../../components/queries/query-folder";

const HEAD = `# Queries

The queries of [the guide](guide.md), corrected, and queries for operating the databases. Each is a file
\`sql/queries/<group>/<name>.sql\` with its purpose, its parameters and the least privileged login that can run it.

\`\`\`
npm run query                                                   # lists all names
npm run query connection-use                                    # runs in each of its databases
npm run query -- servers-by-substring --param part=billing      # with a value
npm run query -- chunks --param hypertable=siem_events --json   # everything, for a program
npm run query -- terminate-idle-connections --stack prod --yes  # changes something, and reports what
\`\`\`

Values are bound as parameters: \`:name\` in a file is \`$1\` on the wire. Queries that change nothing run in a read-only
transaction. Times are in UTC. Every statement has a timeout.

\`tests/sql/queries.test.ts\` and \`tests/sql/queries-audit.test.ts\` check which indexes the application's hot queries use
and how few pages they read. [query-plans.md](query-plans.md) shows the plans behind the guide's advice, and explains
prepared statements. The comment in each file explains how to act on the result.

The embedded TimescaleDB of a local stack has no session list, no statistics counters and no pg_stat_statements. Queries
about these return no rows, 0 or an error that says so.

This page is generated from the files by \`npm run generate -- queries\`.

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
    ? "\n† Is not read-only, and needs `--yes`.\n"
    : "";
  return `## ${TITLES[group] ?? group}

| name | result | parameters | login | database |
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

/** `name` for a required parameter, `name = default` for an optional one. */
function parameterText({ name, default: given }: QueryFile["parameters"][number]): string {
  return given === undefined ? `**\`${name}\`**` : `\`${name} = ${given}\``;
}
