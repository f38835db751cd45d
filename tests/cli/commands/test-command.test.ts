import { closingLine, countTests, failedTests } from "../../../cli/commands/test-command";

const REPORT = {
  numPassedTests: 40,
  numFailedTests: 0,
  numPendingTests: 2,
  numTodoTests: 1,
  numRuntimeErrorTestSuites: 0,
};

describe("the last line of npm test", () => {
  it("has the counts", () => {
    expect(closingLine(countTests(REPORT, 0))).toBe("40 passed, 0 failed, 3 skipped");
  });

  it("counts a file that could not be run as a failure", () => {
    const report = { ...REPORT, numFailedTests: 2, numRuntimeErrorTestSuites: 1 };
    expect(closingLine(countTests(report, 1))).toBe("40 passed, 3 failed, 3 skipped");
  });

  it("counts a failure if jest exits with an error but reports none", () => {
    expect(countTests(REPORT, 1).failed).toBe(1);
    expect(countTests(REPORT, null).failed).toBe(1);
  });
});

describe("the list of failed tests", () => {
  const file = (
    name: string,
    status: string,
    assertionResults: { fullName: string; status: string }[],
  ) => ({
    name: `/project/tests/${name}`,
    status,
    startTime: 0,
    endTime: 1000,
    assertionResults,
  });
  const results = (testResults: ReturnType<typeof file>[]) => ({ ...REPORT, testResults });

  it("names each test with its file", () => {
    const tests = [
      { fullName: "adds", status: "passed" },
      { fullName: "divides", status: "failed" },
    ];
    const report = results([file("a.test.ts", "failed", tests), file("b.test.ts", "failed", [])]);
    expect(failedTests("/project", report)).toEqual([
      "failed: tests/a.test.ts: divides",
      "failed: tests/b.test.ts could not be run",
    ]);
  });

  it("is limited to 40, and counts the others", () => {
    const tests = Array.from({ length: 100 }, (_, index) => ({
      fullName: `t${index}`,
      status: "failed",
    }));
    const lines = failedTests("/project", results([file("a.test.ts", "failed", tests)]));
    expect(lines).toHaveLength(41);
    expect(lines.at(-1)).toBe("failed: and 60 more");
  });
});
