import { markdownReport } from "../../../cli/report/report-markdown";
import { printPlan } from "../../../cli/report/report-plan";
import { printFailure } from "../../../cli/report/report-failure";
import { printResult, ProgressReport } from "../../../cli/report/report-progress";
import { printDifferences, printGap } from "../../../cli/report/report-databases";
import { tableLines } from "../../../cli/commands/query-table";
import type { Plan, Result } from "../../../engine/engine";
import type { DatabaseDrift } from "../../../cli/report/database-drift";
import { HOSTILE, hiddenIn, hiddenOnScreen } from "../../support/hostile";
import { fakeTerminal, planOf, row, scratchFolder, type FakeTerminal } from "../support/fakes";

const ROLE = "postgresql:index/role:Role";
const TEXT = 25;

/** Prints one value from outside, as a user sees it. */
type Print = (value: string, to: FakeTerminal) => void | Promise<void>;

const resultOf = (value: string): Result => ({
  ...{ engine: "embedded", stack: "local", done: [], outputs: {} },
  failed: [{ urn: `urn:pulumi:local::p::${ROLE}::${value}`, reason: value }],
  skipped: [{ urn: `urn:pulumi:local::p::${ROLE}::${value}`, reason: value }],
});
const changed = (value: string): Plan => {
  const changes = [{ path: value, from: value, to: value }];
  const described = planOf(row("update", ROLE, value, { changes }), row("create", value, value));
  return { ...described, unchecked: [value] };
};
const drift = (value: string): DatabaseDrift[] => [
  {
    database: "sark",
    schema: { differences: [], note: value },
    roles: { differences: [{ effect: "gained", text: value, undo: value }] },
  },
  {
    database: "sark_audit",
    schema: {
      differences: [{ object: value, kind: "changed", missing: [value], foreign: [value] }],
    },
    roles: { differences: [], note: value },
  },
];

const SOURCES: Readonly<Record<string, Print>> = {
  "a line": (value, { terminal }) => {
    terminal.line(value);
  },
  "an error": (value, { terminal }) => {
    terminal.error(value);
  },
  "a painted line": (value, { terminal }) => {
    terminal.line(`${terminal.paint("red", value)} ${value}`);
  },
  "an output": (value, { terminal }) => terminal.output(value),
  "a name, a path and a value of a plan": (value, { terminal }) => {
    printPlan(changed(value), terminal, true);
  },
  "a provider's reason": (value, { terminal }) => {
    printResult(resultOf(value), terminal, 1);
    printFailure("up", resultOf(value), { root: scratchFolder(), stack: "local" }, terminal);
  },
  "a run's progress": (value, { terminal }) => {
    const progress = new ProgressReport(terminal);
    progress.started(`urn:pulumi:local::p::${ROLE}::${value}`, "create");
    progress.failed(`urn:pulumi:local::p::${ROLE}::${value}`);
    progress.message("warning", value);
    progress.close();
  },
  "differences of databases": (value, { terminal }) => {
    printDifferences("drift", drift(value), terminal);
  },
  "a part that was not compared": (value, { terminal }) => {
    printGap({ what: "the roles of sark were not compared", why: value }, terminal);
  },
  "a query's cell and column": (value, { terminal }) => {
    const columns = [{ name: value, type: TEXT }];
    for (const line of tableLines({ columns, rows: [[value]] })) terminal.line(line);
  },
};

describe.each(Object.entries(SOURCES))("%s", (_source, print) => {
  it.each(Object.entries(HOSTILE))("shows no %s", async (_name, hostile) => {
    for (const [options, hidden] of [
      [{}, hiddenIn],
      [{ answers: [], colours: true }, hiddenOnScreen],
    ] as const) {
      const to = fakeTerminal(options);
      await print(`be${hostile}fore`, to);
      const shown = to.out() + to.err();
      expect(hidden(shown)).toEqual([]);
      expect(shown).toContain("be");
      expect(shown).toContain("fore");
    }
  });
});

/** Sources whose values have one line, so that a line break in one must be shown escaped. */
const ONE_LINE = Object.entries(SOURCES).filter(
  ([source]) => !/^(a line|an error|a painted line|an output)$/.test(source),
);

it.each(ONE_LINE)("%s cannot forge a line of the command's output", async (_, print) => {
  for (const end of ["\n", "\r\n", "\u2028", "\u0085"]) {
    const to = fakeTerminal();
    await print(`x${end}Done: 3 created (1.0 s).`, to);
    expect((to.out() + to.err()).split(/[\n\r\u2028\u0085]/)).not.toContain(
      "Done: 3 created (1.0 s).",
    );
  }
});

it.each(Object.entries(HOSTILE))(
  "a JSON document holds %s as an escape",
  async (_name, hostile) => {
    const { terminal, out } = fakeTerminal({ json: true });
    const value = { [`key${hostile}`]: `be${hostile}fore\n` };
    await terminal.document(value);
    expect(hiddenIn(out())).toEqual([]);
    expect(JSON.parse(out())).toEqual(value);
  },
);

it("a terminal keeps the command's colours, and escapes those in a value", () => {
  const { terminal, out } = fakeTerminal({ answers: [], colours: true });
  terminal.line(`${terminal.paint("red", "Problem: \u001b[32mfine")}\u001b[32m`);
  expect(out()).toBe("\u001b[31mProblem: \\u{1b}[32mfine\u001b[0m\\u{1b}[32m\n");
});

it("a terminal keeps letters of all scripts", () => {
  const { terminal, out } = fakeTerminal();
  terminal.line("naïve 表 שלום سلام 😀");
  expect(out()).toBe("naïve 表 שלום سلام 😀\n");
});

describe("a report in Markdown", () => {
  const report = (value: string) =>
    markdownReport("drift", changed(value), drift(value), [`the warning ${value}`]);

  it.each(Object.entries(HOSTILE))("holds no %s", (_name, hostile) => {
    const text = report(`be${hostile}fore`);
    expect(hiddenIn(text)).toEqual([]);
    expect(text).toContain("the warning be");
  });

  it.each([
    ["a heading", "x\n# Approved", /^# Approved/m],
    ["a picture", "![x](https://example.org/p.png)", /!\[x\]/],
    ["a mention", "@example/admins", /@example/],
    ["markup", "<b>x</b>", /<b>/],
    ["a comment", "<!-- nothing to do -->", /<!-- nothing to do -->/],
    ["a link", "see https://example.org", /https:/],
    ["the end of a code span", "` ![x](y) `` ![x](y) ", /!\[x\]/],
  ])("turns no value into %s", (_name, value, made) => {
    const text = report(value);
    expect(text).toMatch(/the warning/);
    // GitHub treats code blocks and code spans as text.
    const active = text
      .replace(/^(`{3,})text\n[^]*?\n\1$/gm, "")
      .replace(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, "");
    expect(active).not.toMatch(made);
  });
});
