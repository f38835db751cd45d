import type { StackOutputs } from "../../../components/outputs/outputs";
import { UserError } from "../../../engine/engine";
import { runSecret, type SecretRequest } from "../../../cli/commands/secret";
import { FakeEngine, OUTPUTS, PASSWORD, fakeTerminal, planOf } from "../support/fakes";

interface Circumstances {
  readonly json?: boolean;
  readonly outputs?: object;
}

async function secret(
  request: Partial<SecretRequest>,
  circumstances?: Circumstances,
): Promise<string> {
  return (await printed(request, circumstances)).out;
}

async function printed(
  request: Partial<SecretRequest>,
  { json = false, outputs = OUTPUTS }: Circumstances = {},
): Promise<{ out: string; err: string }> {
  const { terminal, out, err } = fakeTerminal({ json });
  const engine = new FakeEngine(planOf(), { outputs });
  const all = { login: undefined, url: false, pool: false, ...request };
  expect(await runSecret(all, engine, { root: "/project", stack: "local" }, terminal)).toBe(0);
  return { out: out(), err: err() };
}

describe("secret", () => {
  it("prints one password and nothing else", async () => {
    expect(await secret({ login: "sark_app" })).toBe(`${PASSWORD}\n`);
  });

  it("without a name lists the logins, and shows no password", async () => {
    const text = await secret({});
    expect(text).toBe(
      "sark_app        user sark_app_a, database sark\n" +
        "sark_audit_app  user sark_audit_app_a, database sark_audit\n",
    );
  });

  it("prints a URL that escapes the password", async () => {
    const url = new URL((await secret({ login: "sark_app", url: true })).trim());
    expect(decodeURIComponent(url.password)).toBe(PASSWORD);
    expect(url.href).toBe(
      "postgresql://sark_app_a:p%40ss%20w%2Frd@127.0.0.1:15432/sark?sslmode=disable",
    );
  });

  it("prints a URL through the pool", async () => {
    const url = await secret({ login: "sark_app", url: true, pool: true });
    expect(url).toContain("@127.0.0.1:16432/sark");
  });

  it("prints no explanation for addresses on this machine", async () => {
    expect((await printed({ login: "sark_app", url: true })).err).toBe("");
    expect((await printed({ login: "sark_app", url: true, pool: true })).err).toBe("");
  });

  it("refuses --pool for a database that the pool does not serve, and names those it does", async () => {
    const request = { login: "sark_audit_app", url: true, pool: true };
    await expect(secret(request)).rejects.toThrow(/does not serve sark_audit; it serves sark/);
  });

  it("refuses an unknown login, and names the existing ones", async () => {
    await expect(secret({ login: "root" })).rejects.toThrow(/"root".*sark_app, sark_audit_app/);
  });

  it("says what to do when the stack is not up", async () => {
    await expect(secret({}, { outputs: {} })).rejects.toThrow(UserError);
    await expect(secret({}, { outputs: {} })).rejects.toThrow(/not up.*Run npm run up/);
  });

  it("--json prints one document", async () => {
    const text = await secret({ login: "sark_app" }, { json: true });
    expect(JSON.parse(text)).toEqual({
      login: "sark_app",
      user: "sark_app_a",
      database: "sark",
      password: PASSWORD,
    });
  });
});

describe("secret of a stack on Kubernetes", () => {
  const outputs = onKubernetes();

  it.each([
    ["a database", { login: "sark_app" }, "sark-rw.databases.svc:5432/sark", "sark-ca"],
    [
      "a database through the pool",
      { login: "sark_app", pool: true },
      "pgbouncer.databases.svc:6432/sark",
      "pgbouncer-tls",
    ],
    [
      "the pool's console",
      { login: "pool_stats" },
      "pgbouncer.databases.svc:6432/pgbouncer",
      "pgbouncer-tls",
    ],
  ])(
    "prints a verified URL of %s, and explains its address",
    async (_, request, place, authority) => {
      for (const json of [false, true]) {
        const { out, err } = await printed({ ...request, url: true }, { outputs, json });
        expect(out).toContain(`@${place}?sslmode=verify-full`);
        expect(err.trimEnd().split("\n")).toEqual([
          `${place.replace(/:.*/, "")} can only be reached inside the Kubernetes cluster. For sslrootcert, use ca.crt ` +
            `of the Secret ${authority} in the namespace databases.`,
        ]);
        expect(err).not.toContain(PASSWORD);
      }
    },
  );

  it("prints a password without an explanation", async () => {
    const { out, err } = await printed({ login: "sark_app" }, { outputs });
    expect(out).toBe(`${PASSWORD}\n`);
    expect(err).toBe("");
  });
});

it("secret of a stack on RDS prints a verified URL, and names its certificate authorities", async () => {
  const outputs = onKubernetes();
  const { sark } = outputs.servers;
  if (!sark) throw new Error("no server");
  const host = "sark-prod.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com";
  const authority = { rds: ["eu-central-1"] };
  const relay = { route: { kind: "direct" }, server: host, port: 5433, authority } as const;
  const servers = { sark: { ...sark, home: "aws" as const, host, port: 5433, relay } };
  const login = { ...OUTPUTS.logins.sark_app, host, port: 5433 };
  const { out, err } = await printed(
    { login: "sark_app", url: true },
    { outputs: { ...outputs, servers, logins: { sark_app: login } } },
  );
  expect(out).toContain(`@${host}:5433/sark?sslmode=verify-full`);
  expect(err).toBe(
    `${host} can only be reached inside the databases' network on AWS. For sslrootcert, use Amazon's RDS ` +
      "certificate authorities of eu-central-1.\n",
  );
});

function onKubernetes(): StackOutputs {
  const place = { route: { kind: "port-forward" }, namespace: "databases" } as const;
  const [server, pool] = ["sark-rw.databases.svc", "pgbouncer.databases.svc"];
  const login = { ...OUTPUTS.logins.sark_app, host: server, port: 5432 };
  return {
    servers: {
      sark: {
        ...OUTPUTS.servers.sark,
        home: "kubernetes",
        host: server,
        port: 5432,
        sslMode: "verify-full",
        relay: { ...place, cluster: "sark", server, authority: "sark-ca" },
      },
    },
    pool: {
      ...OUTPUTS.pool,
      host: pool,
      port: 6432,
      relay: { ...place, labels: {}, port: 6432, server: pool, authority: "pgbouncer-tls" },
    },
    logins: {
      sark_app: login,
      pool_stats: { ...login, user: "stats", database: "pgbouncer", host: pool, port: 6432 },
    },
  };
}
