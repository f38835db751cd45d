import {
  type BuiltPool,
  type Tree,
  buildPool,
  nameOf,
  shownStrings,
  strings,
  unwrapped,
} from "./built-pool";

let built: BuiltPool;

beforeAll(async () => {
  built = await buildPool();
});

describe("PgBouncer files", () => {
  it("contain secrets only in the Secret, encrypted in the state", () => {
    const secrets = built.registered
      .filter(({ type }) => type === "random:index/randomPassword:RandomPassword")
      .map(({ name }) => `secret-${name}`);
    expect(secrets.length).toBeGreaterThanOrEqual(3);
    const kindsWith = (texts: (inputs: unknown) => string[]) =>
      built.registered
        .filter(({ inputs }) => secrets.some((each) => texts(inputs).join("\n").includes(each)))
        .map(({ inputs }) => inputs["kind"])
        .filter((kind) => kind !== undefined);
    expect(kindsWith(strings)).toEqual(["Secret"]);
    expect(kindsWith(shownStrings)).toEqual([]);
    expect(strings(built.pod).join("\n")).not.toMatch(/password/i);
    for (const each of built.pod["containers"] as Tree[]) expect(each).not.toHaveProperty("env");
  });

  it("list PgBouncer's own logins and a verifier, but no application login", () => {
    const { "userlist.txt": userlist } = built.secretData;
    const lines = String(userlist).trimEnd().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^"pool_stats" "SCRAM-SHA-256\$4096:/),
      expect.stringMatching(/^"sark_audit_pgbouncer" "secret-sark_audit-sark_audit_pgbouncer-/),
      expect.stringMatching(/^"sark_pgbouncer" "secret-sark-sark_pgbouncer-password"$/),
    ]);
    expect(built.secretData["exporter.args"]).toBe(
      "--pgBouncer.connectionString=host=/run/pgbouncer port=6432 user=pool_stats " +
        "password=secret-pool-stats-password dbname=pgbouncer sslmode=disable\n",
    );
  });

  it("are immutable, and pods refer to them by name", () => {
    const configMap = built.configMap;
    const secret = built.secret;
    for (const each of [configMap, secret]) expect(each).toMatchObject({ immutable: true });
    expect(built.volume("config")).toMatchObject({ configMap: { name: nameOf(configMap) } });
    expect(built.volume("logins")).toMatchObject({ secret: { secretName: nameOf(secret) } });
    expect(built.volume("exporter")).toMatchObject({ secret: { secretName: nameOf(secret) } });
    expect(Object.keys(configMap["data"] as Tree).sort()).toEqual([
      "pgbouncer-bundle.sh",
      "pgbouncer-reload.sh",
      "pgbouncer-start.sh",
      "pgbouncer.ini",
    ]);
  });

  it("change name exactly when their content changes", async () => {
    const again = await buildPool();
    const rotated = await buildPool({ changes: { rotation: 2 } });
    const larger = await buildPool({ changes: { pool: { defaultPoolSize: 20 } } });
    const name = nameOf(built.configMap);
    expect(name).toMatch(/^pgbouncer-config-[0-9a-f]{10}$/);
    expect(nameOf(again.configMap)).toBe(name);
    // Rotating application passwords changes nothing: PgBouncer looks verifiers up in the databases.
    expect(nameOf(rotated.configMap)).toBe(name);
    expect(nameOf(larger.configMap)).not.toBe(name);

    expect(keeperOf(again)).toBe(keeperOf(built));
    expect(keeperOf(rotated)).toBe(keeperOf(built));
    expect(keeperOf(larger)).toBe(keeperOf(built));
    const others = await buildPool({ name: "other" });
    expect(others.secretData).not.toEqual(built.secretData);
    expect(keeperOf(others)).not.toBe(keeperOf(built));
  });

  it("list every entry of both databases, by a Service in the server's certificate", () => {
    const lines = built.ini.split("\n");
    const entry = (name: string) => lines.find((line) => line.startsWith(`${name} = `));
    expect(entry("sark")).toMatch(/host='sark-rw' .*pool_mode='transaction'/);
    expect(entry("sark_session")).toMatch(/host='sark-rw' .*'session'/);
    expect(entry("sark_replica")).toMatch(/host='sark-ro' /);
    expect(entry("sark_audit")).toMatch(/host='sark-audit-rw' /);
    expect(built.pool?.entries.map(({ name }) => name)).toEqual([
      "sark",
      "sark_session",
      "sark_replica",
      "sark_audit",
    ]);
  });

  it("require TLS on both sides, with the server verified", () => {
    for (const line of [
      "auth_type = scram-sha-256",
      "client_tls_sslmode = require",
      "client_tls_protocols = secure",
      "server_tls_sslmode = verify-full",
      "server_tls_protocols = secure",
      "server_tls_ca_file = /run/pgbouncer/authorities.crt",
      "unix_socket_mode = 0770",
    ]) {
      expect(built.ini.split("\n")).toContain(line);
    }
  });

  it("set timeouts to find a dead server's successor within seconds", () => {
    const values = new Map(
      built.ini.split("\n").map((line) => line.split(" = ") as [string, string]),
    );
    const seconds = (key: string) => Number(values.get(key));
    // PgBouncer refuses every new client until the next attempt.
    expect(seconds("server_login_retry")).toBe(0.2);
    // An attempt stays with the server that the Service pointed to when it began.
    expect(seconds("server_connect_timeout")).toBe(3);
    // Both limits give up a connection equally soon: with data in flight, and idle.
    expect(seconds("tcp_user_timeout") / 1000).toBe(10);
    expect(
      seconds("tcp_keepidle") + seconds("tcp_keepintvl") * seconds("tcp_keepcnt"),
    ).toBeLessThanOrEqual(11);
    // RDS moves an address by DNS, and PgBouncer ignores the record's TTL.
    expect(seconds("dns_max_ttl")).toBe(2);
  });
});

function keeperOf({ registered }: BuiltPool): unknown {
  const drawn = registered.find(({ type }) => type === "random:index/randomId:RandomId");
  expect(shownStrings(drawn?.inputs)).toEqual([]);
  const { content } = unwrapped(drawn?.inputs["keepers"]) as Tree;
  expect(content).toMatch(/^[0-9a-f]{10}$/);
  return content;
}
