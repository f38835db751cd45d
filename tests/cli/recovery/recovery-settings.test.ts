import { recoveryIn, withRecovery } from "../../../cli/recovery/recovery-settings";

const FILE = `# The stack of this machine.
config:
  sark-databases:sark:
    home: local # no cloud
    parameters:
      log_min_duration_statement: 250ms
  sark-databases:audit:
    home: local
`;

it("withRecovery writes the setting of one database, and keeps everything else", () => {
  const text = withRecovery(FILE, "sark", { generation: 2, time: "2026-03-01T10:00:00.000Z" });
  expect(text).toBe(`# The stack of this machine.
config:
  sark-databases:sark:
    home: local # no cloud
    parameters:
      log_min_duration_statement: 250ms
    recovery:
      generation: 2
      time: 2026-03-01T10:00:00.000Z
  sark-databases:audit:
    home: local
`);
  expect(recoveryIn(text, "sark")).toEqual({ generation: 2, time: "2026-03-01T10:00:00.000Z" });
  expect(recoveryIn(text, "audit")).toBeUndefined();
});

it("withRecovery replaces a setting, and removes it", () => {
  const first = withRecovery(FILE, "audit", { generation: 2 });
  const second = withRecovery(first, "audit", { generation: 3, from: 1 });
  expect(recoveryIn(second, "audit")).toEqual({ generation: 3, from: 1 });
  expect(withRecovery(second, "audit", undefined)).toBe(FILE);
});

it.each(["config: {}\n", "config:\n  sark-databases:sark: text\n", ""])(
  "withRecovery refuses a file without a place for it: %j",
  (text) => {
    expect(() => withRecovery(text, "sark", { generation: 2 })).toThrow(
      "The settings file has no mapping sark-databases:sark below config, where recovery belongs; add it by hand.",
    );
  },
);
