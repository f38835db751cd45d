import { printable, printableBlock, shortened } from "../../components/text/printable";
import type { DatabaseDrift } from "./database-drift";
import { roleDetails, roleSentence } from "./report-roles";
import { schemaDetails, schemaSentence } from "./report-schema";
import type { Terminal } from "./terminal";

/** A report about a stack: of `npm run preview` or of `npm run drift`. */
export type Told = "preview" | "drift";

type Part = "roles" | "schema";

/**
 * What a command tells of the databases, in its order. A preview is silent on roles: those that a plan is about to make
 * are missing before it.
 */
const PARTS: Readonly<Record<Told, readonly Part[]>> = {
  preview: ["schema"],
  drift: ["roles", "schema"],
};

/** Characters of a cause in one sentence. */
const LONGEST_CAUSE = 2_000;

/** A part of a stack that was not compared. */
export interface Gap {
  /** A clause: `sark_audit was not compared`. */
  readonly what: string;
  readonly why: string;
}

/** How one part of one database differs. */
export interface Differences {
  readonly database: string;
  readonly part: Part;
  readonly sentence: string;
  readonly details: readonly string[];
}

export function differencesOf(
  what: Told,
  databases: readonly DatabaseDrift[],
): readonly Differences[] {
  return PARTS[what].flatMap((part) =>
    databases.flatMap((each): readonly Differences[] => {
      const sentence = part === "roles" ? roleSentence(each) : schemaSentence(each);
      if (sentence === undefined) return [];
      const details = part === "roles" ? roleDetails(each) : schemaDetails(each);
      return [{ database: each.database, part, sentence, details }];
    }),
  );
}

/** @returns whether there are any */
export function printDifferences(
  what: Told,
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

/** The databases in which nothing differs. */
export function sameSentences(what: Told, databases: readonly DatabaseDrift[]): readonly string[] {
  const words: Readonly<Record<Part, string>> = { roles: "role", schema: "schema" };
  return PARTS[what].flatMap((part) => {
    const same = databases.filter(
      ({ [part]: { differences, note } }) => differences.length === 0 && note === undefined,
    );
    const names = same.map(({ database }) => printable(database)).join(", ");
    return same.length === 0 ? [] : [`No ${words[part]} drift in ${names}.`];
  });
}

/** What was not compared of a database, and why. */
export function databaseGaps(what: Told, { database, ...parts }: DatabaseDrift): readonly Gap[] {
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

/** The same on as many lines as the cause has. */
export function printGap(gap: Gap, terminal: Terminal): void {
  const text = gap.why.trim().includes("\n")
    ? `${gapHead(gap)}\n${printableBlock(gap.why)}`
    : gapSentence(gap);
  terminal.line(terminal.paint("yellow", text));
}

function gapHead({ what }: Gap): string {
  // A name stays as it is.
  const words = /^(?:the|a) /.test(what) ? what.charAt(0).toUpperCase() + what.slice(1) : what;
  return `${words}:`;
}
