import { limitProblems } from "../../../../components/objectives/plan/limit-problems";

describe("limitProblems", () => {
  it("accepts limits on their sides, alone or together", () => {
    expect(
      limitProblems({
        connections: { target: 0.5 },
        "replica-lag": { target: 400, critical: 500 },
        "cache-hits": { target: 0.9, critical: 0.8 },
        "long-statements": { target: 0, critical: 0 },
        throughput: { target: 100 },
        "response-time-p95": { target: 0.97 },
      }),
    ).toEqual([]);
  });

  it.each([
    ["connections", { target: 80 }, "target", "a number from 0 to 1"],
    ["connections", { critical: -0.1 }, "critical", "a number from 0 to 1"],
    ["deadlocks", { target: -1 }, "target", "0 or more"],
    ["replica-lag", { target: 301 }, "target", "at most 300"],
    ["replica-lag", { critical: 29 }, "critical", "at least 30"],
    ["cache-hits", { target: 0.9, critical: 0.95 }, "critical", "at most 0.9"],
    ["memory", { target: 0.01 }, "target", "at least 0.05"],
    ["response-time-p95", { target: 0.9 }, "target", "a number from 0.931 to below 1"],
    ["response-time-p99", { target: 1 }, "target", "a number from 0.931 to below 1"],
    ["response-time-p95", { critical: 0.5 }, "critical", "a target only"],
  ])("refuses %s %j", (name, limits, key, allowed) => {
    expect(limitProblems({ [name]: limits })).toMatchObject([
      { key: `sark-databases:monitoring.objectives.${name}.${key}`, allowed },
    ]);
  });
});
