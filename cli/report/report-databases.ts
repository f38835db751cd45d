import { differenceLines, differenceSum } from "../../components/database-layer/plan/schema-diff";
import type { RoleDifference } from "../../components/roles/plan/role-messages";
import { printable, printableBlock, shortened } from "../../components/text/printable";
import type { DatabaseDrift } from "./database-drift";
import type { Terminal } from "./terminal";

/** The kind of a report: of `npm run preview` or of `npm run drift`. */
export type ReportKind = "preview" | "drift";

type Part = "roles" | "schema";

/**
 * The parts of a database that a command reports, in order. A preview does not report roles: roles that the plan
 * creates would be reported as missing.
 */
const PARTS: Readonly<Record<ReportKind, readonly Part[]>> = {
  preview: ["schema"],
  drift: ["roles", "schema"],
};

/** Maximum characters of a cause in one sentence. */
const LONGEST_CAUSE = 2_000;

/** Maximum role differences shown for one server. A server with more is hardly this stack's any more. */
const MOST_ROLES = 100;

/** Maximum characters of a line about a role: enough to copy a whole statement. */
const ROLE_WIDTH = 500;

/** Sign and word for each effect of a role difference. */
const EFFECTS: Readonly<Record<RoleDifference["effect"], readonly [string, string]>> = {
  gained: ["+", "gained"],
  lost: ["-", "lost"],
  other: ["~", "changed"],
};

/** A part of a stack that was not compared. */
export interface Gap {
  /** A clause: `sark_audit was not compared`. */
  readonly what: string;
  readonly why: string;
}

/** The differences in one part of one database. */
export interface Differences {
  readonly database: string;
  readonly part: Part;
  /** `Role drift in sark: + 1 gained, ~ 2 changed.` */
  readonly sentence: string;
  readonly details: readonly string[];
}

export function differencesOf(
  what: ReportKind,
  databases: readonly DatabaseDrift[],
): readonly Differences[] {
  return PARTS[what].flatMap((part) =>
    databases.flatMap(({ database, schema, roles }): readonly Differences[] => {
      const head = `${part === "roles" ? "Role" : "Schema"} drift in ${printable(database)}`;
      const [differences, sum, details] =
        part === "roles"
          ? [roles.differences, roleSum(roles.differences), roleLines(roles.differences)]
          : [
              schema.differences,
              differenceSum(schema.differences),
              differenceLines(schema.differences).map((line) => `  ${line}`),
            ];
      return differences.length === 0
        ? []
        : [{ database, part, sentence: `${head}: ${sum}.`, details }];
    }),
  );
}

function roleSum(differences: readonly RoleDifference[]): string {
  const sums = Object.entries(EFFECTS).flatMap(([effect, [sign, word]]) => {
    const count = differences.filter((each) => each.effect === effect).length;
    return count === 0 ? [] : [`${sign} ${count} ${word}`];
  });
  return sums.join(", ");
}

/** Each difference, and the statement that undoes it. */
function roleLines(differences: readonly RoleDifference[]): readonly string[] {
  const left = differences.length - MOST_ROLES;
  return [
    ...differences
      .slice(0, MOST_ROLES)
      .flatMap(({ effect, text, undo }) => [
        `  ${EFFECTS[effect][0]} ${shortened(text, ROLE_WIDTH)}`,
        ...(undo === undefined ? [] : [`      undo: ${shortened(undo, ROLE_WIDTH)}`]),
      ]),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

/** Prints the differences. @returns whether there are any */
export function printDifferences(
  what: ReportKind,
  databases: readonly DatabaseDrift[],
  terminal: Terminal,
): boolean {
  const differences = differencesOf(what, databases);
  for (const { sentence, details } of differences) {
    terminal.line(terminal.paint("yellow", sentence));
    for (const line of details) terminal.line(line);
  }
  return differences.length > 0;
}

/** Sentences that name the databases without differences. */
export function sameSentences(
  what: ReportKind,
  databases: readonly DatabaseDrift[],
): readonly string[] {
  return PARTS[what].flatMap((part) => {
    const same = databases.filter(
      ({ [part]: { differences, note } }) => differences.length === 0 && note === undefined,
    );
    const names = same.map(({ database }) => printable(database)).join(", ");
    return same.length === 0 ? [] : [`No ${part === "roles" ? "role" : part} drift in ${names}.`];
  });
}

/** The parts of a database that were not compared, and why. */
export function databaseGaps(
  what: ReportKind,
  { database, ...parts }: DatabaseDrift,
): readonly Gap[] {
  const name = printable(database);
  const { schema, roles } = parts;
  if (what === "drift" && schema.note !== undefined && schema.note === roles.note) {
    return [{ what: `${name} was not compared`, why: schema.note }];
  }
  return PARTS[what].flatMap((part): readonly Gap[] => {
    const why = parts[part].note;
    if (why === undefined) return [];
    const verb = part === "roles" ? "were" : "was";
    return [{ what: `the ${part} of ${name} ${verb} not compared`, why }];
  });
}

/** `The schema of sark was not compared: the server is down.` */
export function gapSentence(gap: Gap): string {
  return `${gapHead(gap)} ${shortened(gap.why, LONGEST_CAUSE).replace(/\.$/, "")}.`;
}

/** Prints a gap; a cause of several lines keeps its lines. */
export function printGap(gap: Gap, terminal: Terminal): void {
  const text = gap.why.trim().includes("\n")
    ? `${gapHead(gap)}\n${printableBlock(gap.why)}`
    : gapSentence(gap);
  terminal.line(terminal.paint("yellow", text));
}

/** The gap's clause with a colon. An article gets a capital, a name does not. */
function gapHead({ what }: Gap): string {
  return `${what.replace(/^(?:the|a) /, (article) => article.charAt(0).toUpperCase() + article.slice(1))}:`;
}
