import { helmCharts } from "../../../../../components/homes/kubernetes/plan/compatibility";
import { compareVersions } from "../../../../../components/homes/kubernetes/plan/versions";
import { DIGEST, problemsOf, refuses, stackOf } from "./kubernetes-stack";

const audit = (change: object) => ({ audit: change });

refuses([
  [
    "a Kubernetes version that the operator was not tested on",
    { kubernetes: { version: "1.37" } },
    "kubernetes.version: got 1.37",
    "1.31 to 1.36",
    "CloudNativePG 1.30.1 was not tested on later versions",
  ],
  [
    "a Kubernetes version older than the object schemas",
    { kubernetes: { version: "1.30" } },
    "kubernetes.version: got 1.30",
    "1.31 to 1.36",
    "schemas of 1.31 and newer",
  ],
  [
    "an operator with known vulnerabilities",
    { kubernetes: { operators: { version: "1.29.2" } } },
    "kubernetes.operators.version: got 1.29.2",
    "1.30.0 or newer",
    "CVE-2026-55769",
  ],
  [
    "an unchecked operator version",
    { kubernetes: { operators: { version: "1.31.0" } } },
    "kubernetes.operators.version: got 1.31.0",
    "a version of 1.30.x",
  ],
  [
    "an operator version that the chart does not contain",
    { kubernetes: { operators: { version: "1.30.0", cloudnativePg: "install" } } },
    "kubernetes.operators.version: got 1.30.0",
    "1.30.1, where the stack installs the operator",
    "installs chart 0.29.1",
  ],
  [
    "TimescaleDB under the Apache licence",
    audit({ timescaledb: { license: "apache" } }),
    "audit.timescaledb.license: got apache",
    "compression, continuous aggregates, jobs and retention and refresh policies",
    "its migrations would fail",
  ],
  [
    "a TimescaleDB with known vulnerabilities",
    audit({
      timescaledb: { version: "2.29.0" },
      image: `registry.example.com/timescaledb:18.6-ts2.29.0@${DIGEST}`,
    }),
    "audit.timescaledb.version: got 2.29.0",
    "2.29.1 or newer",
    "GHSA-hcfx-29v5-2rcw",
  ],
  [
    "a TimescaleDB whose jobs fail on the image's PostgreSQL",
    audit({ image: `registry.example.com/timescaledb:18.7-ts2.29.2@${DIGEST}` }),
    "audit.timescaledb.version: got 2.29.2 on PostgreSQL 18.7",
    "a version after 2.29.2, or PostgreSQL before 18.7",
    "nothing is compressed, refreshed or dropped",
  ],
]);

it("settings check reports a TimescaleDB too old for both the stack and the server", () => {
  const image = `registry.example.com/timescaledb:18.6-ts2.22.1@${DIGEST}`;
  expect(problemsOf({ audit: { timescaledb: { version: "2.22.1" }, image } })).toEqual([
    expect.stringContaining("audit.timescaledb.version: got 2.22.1; allowed: 2.29.1 or newer"),
    expect.stringContaining(
      "audit.majorVersion: got 18; allowed: 15 to 17 with TimescaleDB 2.22.1",
    ),
  ]);
});

it.each(["2.29.2", "2.30.2", "2.31.1", "2.32.0"])(
  "settings check treats TimescaleDB %s as the last of its line with failing jobs",
  (version) => {
    const [major, minor, patch] = version.split(".");
    const next = `${major}.${minor}.${Number(patch) + 1}`;
    const on = (server: string, timescaledb: string) =>
      problemsOf({
        audit: {
          majorVersion: 17,
          timescaledb: { version: timescaledb },
          image: `registry.example.com/timescaledb:${server}-ts${timescaledb}@${DIGEST}`,
        },
      });
    expect(on("17.11", version)).toEqual([]);
    expect(on("17.12", version)).toEqual([expect.stringContaining("PostgreSQL before 17.12")]);
    expect(on("17.12", next)).toEqual([]);
  },
);

it("the bundled operator chart matches the default operator version", () => {
  expect(problemsOf({ kubernetes: { operators: { cloudnativePg: "install" } } })).toEqual([]);
  expect(helmCharts.cloudnativePg.appVersion).toBe(stackOf().kubernetes.operators.version);
});

it.each([
  ["1.30.1", "1.30", 1],
  ["1.9", "1.31", -1],
  ["v1.26.1-202610140000-trixie", "1.26.1", 0],
  ["1.26", "1.26.0", 0],
])("compareVersions orders %s and %s", (one, other, sign) => {
  expect(Math.sign(compareVersions(one, other))).toBe(sign);
});
