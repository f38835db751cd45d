import { parseSettings, SettingsError } from "../../components/settings";

/** The least that a stack must say, with the defaults that Pulumi merges. */
const stack = (differences: Record<string, unknown> = {}) => ({
  sark: { home: "local" },
  audit: { home: "local" },
  route: "direct",
  protection: true,
  rotation: 1,
  ...differences,
});

/** The paragraphs of the error that a configuration is refused with. */
function problems(raw: unknown): readonly string[] {
  try {
    parseSettings(raw);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n").slice(1);
    throw error;
  }
  return [];
}

describe("a stack that says only where its databases live", () => {
  const settings = parseSettings(stack());

  it("has every other setting by default", () => {
    expect(settings.sark).toMatchObject({ majorVersion: 18, replicas: 1, parameters: {} });
    expect(settings.audit).toMatchObject({ majorVersion: 18, replicas: 0, retention: {} });
    expect(settings.pool).toMatchObject({ enabled: true, instances: 2, defaultPoolSize: 25 });
    expect(settings.application).toMatchObject({ tier: "medium", pods: 4, maxSurge: "25%" });
    expect(settings.backups.retentionDays).toBe(14);
    expect(settings.local.ports.pool).toBe(16432);
  });

  it("leaves a size unsaid, so that a local home may take a share of the machine", () => {
    expect(settings.sark.size).toBeUndefined();
  });
});

it("reads sizes with their units into bytes, and leaves memory and processors open that are not said", () => {
  const { sark } = parseSettings(stack({ sark: { home: "local", size: { memory: "1.5GiB" } } }));
  expect(sark.size).toEqual({
    memory: 1.5 * 1024 ** 3,
    storage: { size: 100 * 1024 ** 3, kind: "ssd" },
  });
});

describe("a value that is not allowed", () => {
  it.each([
    ["sark.connections", { sark: { home: "local", connections: 5 } }, "got 5", "10 to 10000"],
    ["sark.home", { sark: { home: "azure" } }, 'got "azure"', "local, kubernetes, aws"],
    ["sark.size.memory", { sark: { home: "local", size: { memory: "8GB" } } }, '"8GB"', "8GiB"],
    [
      "audit.retention.audit_events",
      { audit: { home: "local", retention: { audit_events: "90d" } } },
      '"90d"',
      "90 days",
    ],
    ["rotation", { rotation: 0 }, "got 0", "from 1"],
    ["protection", { protection: "yes" }, 'got "yes"', "true or false"],
    ["backups.retentionDays", { backups: { retentionDays: 6 } }, "got 6", "from 7 to 35"],
    ["application.maxSurge", { application: { maxSurge: "lots" } }, '"lots"', "25%"],
    [
      "sark.tunnel.port",
      { sark: { home: "local", tunnel: { host: "h", port: 70000 } } },
      "70000",
      "65535",
    ],
  ])("is refused: %s", (key, differences, value, allowed) => {
    const [problem, ...others] = problems(stack(differences));
    expect(others).toEqual([]);
    expect(problem).toContain(`sark-databases:${key}: `);
    expect(problem).toContain(value);
    expect(problem).toContain(allowed);
  });

  it("is missing: the message says so and what is expected", () => {
    const { sark: _, ...rest } = stack();
    expect(problems(rest)).toEqual([expect.stringContaining("sark-databases:sark: got nothing")]);
  });
});

describe("a key that does not exist", () => {
  it.each([
    ["at the top", { protectoin: true }, "sark-databases:protectoin", "did you mean protection?"],
    [
      "deep inside",
      { sark: { home: "local", size: { memroy: "8GiB" } } },
      "sark-databases:sark.size.memroy",
      "did you mean memory?",
    ],
    ["unlike any other", { pool: { xyzzy: 1 } }, "sark-databases:pool.xyzzy", "the keys enabled,"],
  ])("is refused %s, with the nearest name", (_, differences, key, hint) => {
    const [problem] = problems(stack(differences));
    expect(problem).toContain(key);
    expect(problem).toContain(hint);
  });
});

describe("combinations", () => {
  it.each([
    [
      "the audit database on RDS",
      { audit: { home: "aws" } },
      "Amazon RDS does not offer the timescaledb extension",
    ],
    [
      "another major version on the embedded server",
      { sark: { home: "local", majorVersion: 17 } },
      "PostgreSQL 18",
    ],
    [
      "a replica of the embedded TimescaleDB",
      { audit: { home: "local", replicas: 1 } },
      "cannot be replicated",
    ],
    ["two replicas on one machine", { sark: { home: "local", replicas: 2 } }, "one replica"],
    [
      "a port forwarded to nowhere",
      { route: "port-forward" },
      "no database of this stack lives on Kubernetes",
    ],
    [
      "one port for two servers",
      { local: { ports: { audit: 16432 } } },
      "one port serves one process",
    ],
  ])("refuse %s, with the reason", (_, differences, reason) => {
    expect(problems(stack(differences))).toEqual([expect.stringContaining(reason)]);
  });
});

it("tells all problems at once", () => {
  const found = problems({
    sark: { home: "local", connections: 1, colour: "red" },
    audit: { home: "mars" },
    route: "sideways",
    protection: true,
    rotation: 1,
  });
  expect(found).toHaveLength(4);
});
