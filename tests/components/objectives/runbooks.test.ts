/** Every alert has a runbook, which names queries and commands that exist. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readQueries } from "../../../components/queries/query-folder";
import { projectRoot } from "../../../components/files/project-root";
import { CATALOGUE } from "../../../components/objectives/plan/catalogue";
import type { QueryFile } from "../../../components/queries/plan/query-file";
import { declared } from "../../cli/support/run-line";

const FOLDER = join(projectRoot(), "docs", "runbooks");
const PAGES = readdirSync(FOLDER).sort();
const QUERIES = readQueries(projectRoot());
const COMMANDS = declared().commands.map((command) => command.name());

function read(page: string): string {
  return readFileSync(join(FOLDER, page), "utf8");
}

/** Faults of the `npm run` lines of a page: unknown commands, queries and parameters, and missing options. */
function commandFaults(text: string): readonly string[] {
  return [...text.matchAll(/npm run ([a-z:]+)([^\n`]*)/g)].flatMap(
    ([line, command = "", rest = ""]) => {
      if (!COMMANDS.includes(command)) return [`${line}: no such command`];
      return command === "query" ? queryFaults(line, rest) : [];
    },
  );
}

function queryFaults(line: string, rest: string): readonly string[] {
  const [, name = ""] = /^ ([a-z-]+) -- --stack NAME/.exec(rest) ?? [];
  const query = QUERIES.find((each) => each.name === name);
  if (!query) return [`${line}: no such query, or no stack`];
  const given = [...rest.matchAll(/--param ([a-z_]+)=/g)].map(([, parameter = ""]) => parameter);
  const [, database] = /--database ([a-z_]+)/.exec(rest) ?? [];
  return [
    ...given
      .filter((each) => !parametersOf(query).includes(each))
      .map((each) => `${line}: no ${each}`),
    ...query.parameters
      .filter((each) => each.default === undefined && !given.includes(each.name))
      .map((each) => `${line}: lacks ${each.name}`),
    ...(query.changes === rest.includes("--yes") ? [] : [`${line}: --yes is for changes`]),
    ...(!database || query.databases.some((each) => each === database)
      ? []
      : [`${line}: does not run on ${database}`]),
  ];
}

function parametersOf({ parameters }: QueryFile): readonly string[] {
  return parameters.map(({ name }) => name);
}

test("every objective has one runbook, and every runbook an objective", () => {
  expect(PAGES).toEqual(CATALOGUE.map(({ name }) => `${name}.md`).sort());
});

describe.each(CATALOGUE.map((objective) => [objective.name, objective] as const))(
  "the runbook %s",
  (name, { query }) => {
    const text = read(`${name}.md`);

    it("says what it means, how to confirm, what to do, how to verify, and what not to do", () => {
      expect(text.split("\n").filter((line) => line.startsWith("#"))).toEqual([
        `# ${name}`,
        "## Confirm",
        "## Steps",
        "## Verify",
        "## Do not",
      ]);
    });

    it("confirms by the objective's own query", () => {
      // What only the service below a server measures is confirmed there.
      const command =
        query === undefined ? /\n(?:aws|kubectl) / : `npm run query ${query} -- --stack NAME`;
      expect(text).toMatch(command);
    });

    it("names commands, queries and parameters that exist", () => {
      expect(commandFaults(text)).toEqual([]);
    });

    it("is short enough to read at night", () => {
      expect(text.split("\n").length).toBeLessThanOrEqual(50);
    });
  },
);

it.each([
  ["npm run stauts", "no such command"],
  ["npm run query no-such-query -- --stack NAME", "no such query"],
  ["npm run query connection-use", "no stack"],
  ["npm run query chunks -- --stack NAME --param table=x", "no table"],
  ["npm run query terminate-session -- --stack NAME --yes", "lacks pid"],
  ["npm run query compress-due-chunks -- --stack NAME", "--yes is for changes"],
  ["npm run query dead-rows -- --stack NAME --database sark_audit", "does not run on sark_audit"],
])("the check finds the fault of %s", (line, fault) => {
  expect(commandFaults(line)).toEqual([expect.stringContaining(fault)]);
});
