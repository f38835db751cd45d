import { provider } from "../../../components/resources/providers";
import type { ConnectionInput } from "../../../components/connections/provider-connection";
import type { ProviderKind } from "../../../components/resources/dynamic-resource";

const relayed: ConnectionInput = {
  host: "127.0.0.1",
  port: 25432,
  database: "sark",
  user: "sark_admin",
  password: "one",
  sslMode: "disable",
  server: "sark-rw.databases.svc",
};
const { server: _, ...direct } = relayed;

/** Inputs of each kind besides the connection, and other values in its state. */
const KINDS: readonly (readonly [ProviderKind, object, object])[] = [
  ["database:AuthQuery", { caller: "pgbouncer", logins: ["sark_app_a"] }, {}],
  ["database:Hypertables", { owner: "o", chunkInterval: {}, dropAfter: { t: "90 days" } }, {}],
  ["database:Migrations", { files: { "000001_a.sql": "hash" } }, { target: { system: "7" } }],
  ["database:PublicRights", { databases: ["postgres"], functions: [] }, {}],
  ["database:RoleSettings", { settings: { sark_app_a: { lock_timeout: "1s" } } }, {}],
];

async function changes(
  kind: ProviderKind,
  [olds, news]: readonly [object, object],
): Promise<boolean | undefined> {
  const loader = { __provider: "code" };
  const judged = await provider(kind).diff?.("id", { ...loader, ...olds }, { ...loader, ...news });
  if (judged === undefined) throw new Error("every difference is a change");
  return judged.changes;
}

describe.each(KINDS)("%s", (kind, inputs, outputs) => {
  const after = (connection: object, more: object = {}) =>
    changes(kind, [
      { ...inputs, ...outputs, connection: relayed },
      { ...inputs, ...more, connection },
    ]);

  test("has no change when only the relay's address differs", async () => {
    expect(await after(relayed)).toBe(false);
    expect(await after({ ...relayed, port: 41721 })).toBe(false);
    expect(await after({ ...relayed, host: "localhost", port: 41721 })).toBe(false);
  });

  test("has no change when the state has more than the inputs", async () => {
    const olds = { ...inputs, ...outputs, connection: relayed, id: "id", arn: "arn" };
    expect(await changes(kind, [olds, { ...inputs, connection: relayed }])).toBe(false);
  });

  test.each([
    { server: "sark-2-rw.databases.svc" },
    { user: "sark_migrate" },
    { password: "two" },
    { database: "other" },
  ])("changes with the connection's %j", async (difference) => {
    expect(await after({ ...relayed, ...difference })).toBe(true);
  });

  test("changes with its other inputs, and with a removed one", async () => {
    const [name = ""] = Object.keys(inputs);
    expect(await after(relayed, { [name]: "other" })).toBe(true);
    expect(await after(relayed, { [name]: undefined })).toBe(true);
  });

  test("changes with the address of a server without a relay", async () => {
    const moved = [
      { ...inputs, connection: direct },
      { ...inputs, connection: { ...direct, port: 15433 } },
    ] as const;
    expect(await changes(kind, moved)).toBe(true);
    expect(await changes(kind, [moved[0], { ...inputs, connection: relayed }])).toBe(true);
  });
});
