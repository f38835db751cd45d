/**
 * End to end connection to a server on RDS: relay, port-forward, gateway, and TLS to the server. The master user
 * creates the administrator through it, and the administrator creates the database layer.
 */
import { requireHome } from "../../../../components/homes/plan/registry";
import { Client } from "pg";
import { readRoleCatalog } from "../../../../components/roles/role-catalog";
import { AUTH_QUERY } from "../../../../components/pool/plan/auth-query-plan";
import { rolePlan } from "../../../../components/roles/plan/role-plan";
import { diffRoles } from "../../../../components/roles/plan/role-diff";
import { expectedRoles } from "../../../../components/roles/plan/expected-roles";
import { freePort } from "../../../../components/homes/local/processes/ports";
import type { RdsTarget } from "../../../../components/route/plan/targets";
import { type Project, operations } from "../../../engine/embedded/harness";
import { DENIED, sqlStateOf, valueOf } from "../../../support/expect-sql";
import { FakeKubernetes, list } from "../../route/support/fake-kubernetes";
import { FakeSecretsManager } from "./support/fake-secrets-manager";
import { Haproxy, hasHaproxy } from "./support/haproxy";
import { ENDPOINT, MASTER, REGION, RdsServer } from "./support/postgres-as-rds";
import { SECRET, reachProject } from "./support/reach-project";

jest.setTimeout(120_000);

const NAMESPACE = "sark-databases";
const GATEWAY_PORT = 5432;
const TARGET: RdsTarget = {
  route: {
    kind: "port-forward",
    gateway: { namespace: NAMESPACE, labels: { app: "gateway" }, port: GATEWAY_PORT },
  },
  server: ENDPOINT,
  port: 5433,
  authority: { rds: [REGION] },
};

let server: RdsServer;
let secrets: FakeSecretsManager;
let kubernetes: FakeKubernetes;
let gateway: Haproxy | undefined;
let project: Project;

beforeAll(async () => {
  server = await RdsServer.start();
  secrets = await FakeSecretsManager.start();
  secrets.secrets.set(SECRET, JSON.stringify(MASTER));
  const { host, port } = server.postgres;
  gateway = hasHaproxy ? await Haproxy.start({ PRIMARY: `${host}:${port}` }) : undefined;
  kubernetes = await FakeKubernetes.start();
  kubernetes
    .on(`/api/v1/namespaces/${NAMESPACE}/pods`, list([readyPod("gateway-1")]))
    .forward("gateway-1", gateway ?? server.postgres);
  project = reachProject({
    target: TARGET,
    listen: await freePort(),
    authority: server.authority.pem,
  });
});

afterAll(async () => {
  project.dispose();
  await gateway?.stop();
  await kubernetes.stop();
  secrets.stop();
  await server.stop();
});

function readyPod(name: string): unknown {
  const conditions = [{ type: "Ready", status: "True" }];
  return { metadata: { name }, status: { phase: "Running", conditions } };
}

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...secrets.environment,
  KUBECONFIG: kubernetes.kubeconfig,
  ...more,
});

const up = (more: NodeJS.ProcessEnv = {}) => project.up(environment(more));

const failures = (events: readonly string[]): readonly string[] =>
  events.filter((event) => event.startsWith("failed"));

async function passwordOf(purpose: string): Promise<{ user: string; password: string }> {
  const { value } = await project.outputs();
  const logins = JSON.parse(String(value?.["logins"])) as Record<string, Record<string, string>>;
  const { user, password } = logins[purpose] ?? {};
  return { user: String(user), password: String(password) };
}

async function asLogin<T>(purpose: string, work: (client: Client) => Promise<T>): Promise<T> {
  const { user, password } = await passwordOf(purpose);
  return server.as(user, password, work);
}

it("a preview contacts neither Secrets Manager nor Kubernetes", async () => {
  const { value, error } = await project.preview();
  expect(error).toBeUndefined();
  expect(operations(value)).toMatchObject({ administrator: "create" });
  expect(secrets.asked).toEqual([]);
  expect(kubernetes.requests).toEqual([]);
});

describe("RDS after an up", () => {
  beforeAll(async () => {
    const { events, error } = await up();
    expect({ failed: failures(events), error }).toEqual({ failed: [], error: undefined });
  });

  it("a second preview has no changes", async () => {
    const { value } = await project.preview();
    expect(new Set(Object.values(operations(value)))).toEqual(new Set(["same"]));
  });

  it("roles match the check for drift", async () => {
    const catalog = await asLogin("monitor", (client) => readRoleCatalog(client));
    // The superuser of this server represents `rdsadmin`.
    const roles = catalog.roles.filter(({ name }) => name !== "postgres");
    const expected = expectedRoles(
      rolePlan("sark", 1),
      requireHome("aws").roles("sark_admin", false),
      "sark_admin",
    );
    expect(diffRoles(expected, { ...catalog, roles })).toEqual([]);
    const { privileges } = catalog;
    const open = {
      database: "postgres",
      grantee: "PUBLIC",
      privilege: "CONNECT",
      grantable: false,
    };
    expect(
      diffRoles(expected, { ...catalog, roles, privileges: [...privileges, open] }),
    ).toMatchObject([{ effect: "gained", text: "PUBLIC may CONNECT to postgres" }]);
  });

  it("every session goes through the gateway and uses TLS", async () => {
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/gateway-1/portforward`;
    expect(kubernetes.requests.filter((each) => each.startsWith(path))).not.toEqual([]);
    await server.administer(async (client) => {
      const rules = await client.query(
        "select type from pg_hba_file_rules where user_name = '{all}'",
      );
      expect(rules.rows).toEqual([{ type: "hostssl" }]);
    });
  });

  it("unused databases refuse connections, and built-in functions keep RDS's privileges", async () => {
    await asLogin("readonly", async (client) => {
      const may = `select array_agg(d || ' ' || p) from unnest(array['postgres', 'template1']) as d,
                   unnest(array['connect', 'temporary']) as p where has_database_privilege(d, p)`;
      expect(await valueOf(client, may)).toBeNull();
      // RDS's superuser owns them: docs/security.md.
      expect(
        await valueOf(client, "select has_function_privilege('lo_creat(integer)', 'execute')"),
      ).toBe(true);
    });
  });

  it("the administrator owns the database, with the attributes that it has on Kubernetes", async () => {
    await server.administer(async (client) => {
      const { rows } = await client.query(
        `select pg_get_userbyid(datdba) as owner, datlocprovider as provider, datlocale as locale,
                datcollate as collate, pg_encoding_to_char(encoding) as encoding
           from pg_database where datname = 'sark'`,
      );
      expect(rows).toEqual([
        { owner: "sark_admin", provider: "b", locale: "C.UTF-8", collate: "C", encoding: "UTF8" },
      ]);
      const role = await client.query(
        "select rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls from pg_roles where rolname = 'sark_admin'",
      );
      expect(role.rows).toEqual([
        {
          rolsuper: false,
          rolcreaterole: true,
          rolcreatedb: false,
          rolcanlogin: true,
          rolbypassrls: false,
        },
      ]);
    });
  });

  it("the master user keeps no rights of the administrator", async () => {
    await server.administer(async (client) => {
      const kept = `select count(*)::int from pg_auth_members
        where roleid = 'sark_admin'::regrole and (inherit_option or set_option)`;
      expect(await valueOf(client, kept)).toBe(0);
    });
  });

  it.each([
    ["make a superuser", "create role another superuser"],
    ["become the master user", "set role sark_master"],
    ["become RDS's superuser", "set role postgres"],
    ["become rds_superuser", "set role rds_superuser"],
    ["use pg_monitor, which it may grant", "set role pg_monitor"],
    ["read verifiers", "select rolpassword from pg_authid"],
    ["change the master user", "alter role sark_master nologin"],
  ])("the administrator cannot %s", async (_what, statement) => {
    expect(await asLogin("admin", (client) => sqlStateOf(client.query(statement)))).toBe(DENIED);
  });

  it("the application writes and the reader reads", async () => {
    const add = "insert into public.users (username, email) values ('ada', 'ada@example.com')";
    await asLogin("app", (client) => client.query(add));
    await asLogin("readonly", async (client) => {
      expect(await valueOf(client, "select username from public.users")).toBe("ada");
      expect(await sqlStateOf(client.query(add))).toBe(DENIED);
    });
  });

  it("PgBouncer finds only the application's verifiers, unchanged", async () => {
    const kept = await server.administer((client) =>
      valueOf(client, "select rolpassword from pg_authid where rolname = 'sark_app_a'"),
    );
    await asLogin("pgbouncer", async (client) => {
      const { rows } = await client.query<{ verifier: string }>(AUTH_QUERY, ["sark_app_a"]);
      expect(rows).toEqual([{ user_name: "sark_app_a", verifier: kept }]);
      for (const login of ["sark_admin", "sark_master", "sark_migrate", "sark_pgbouncer"]) {
        expect((await client.query(AUTH_QUERY, [login])).rows).toEqual([]);
      }
      expect(await sqlStateOf(client.query("select from pgbouncer.verifiers"))).toBe(DENIED);
    });
  });

  it("PgBouncer finds no verifier of a login that is disabled or expired", async () => {
    const found = (): Promise<number> =>
      asLogin("pgbouncer", async (client) => {
        const { rows } = await client.query(AUTH_QUERY, ["sark_app_b"]);
        return rows.length;
      });
    const alter = (text: string) =>
      server.administer((client) => client.query(`alter role sark_app_b ${text}`));
    expect(await found()).toBe(1);
    await alter("nologin");
    expect(await found()).toBe(0);
    await alter("login valid until '2020-01-01'");
    expect(await found()).toBe(0);
    await alter("valid until 'infinity'");
    expect(await found()).toBe(1);
  });

  it("only its owner reads the table of verifiers", async () => {
    for (const purpose of ["app", "readonly", "migrate", "maintain", "monitor"]) {
      const read = await asLogin(purpose, (client) =>
        sqlStateOf(client.query("select from pgbouncer.verifiers")),
      );
      expect([purpose, read]).toEqual([purpose, DENIED]);
    }
  });

  it("the monitoring login reads pg_stat_statements", async () => {
    await asLogin("monitor", async (client) => {
      const seen = await client.query("select from pg_stat_statements where query ~ 'ada'");
      expect(seen.rows).not.toEqual([]);
    });
  });

  it("a rotation changes the idle login's password, which PgBouncer finds", async () => {
    const { events } = await up({ ROTATION: "2" });
    expect(failures(events)).toEqual([]);
    expect(await asLogin("app", (client) => valueOf(client, "select current_user"))).toBe(
      "sark_app_b",
    );
    const kept = await server.administer((client) =>
      valueOf(client, "select rolpassword from pg_authid where rolname = 'sark_app_b'"),
    );
    const found = await asLogin("pgbouncer", async (client) => {
      const { rows } = await client.query<{ verifier: string }>(AUTH_QUERY, ["sark_app_b"]);
      return rows[0]?.verifier;
    });
    expect(found).toBe(kept);
  });

  it("no password appears in a log, the state or an event", async () => {
    const { events } = await up({ ROTATION: "2", TURN: "2" });
    expect(failures(events)).toEqual([]);
    const { password } = await passwordOf("admin");
    for (const secret of [MASTER.password, password]) {
      expect(server.log).not.toContain(secret);
      expect(events.join("\n")).not.toContain(secret);
    }
    expect(project.read(".sark/state/embedded/test.json")).not.toContain(MASTER.password);
  });
});

describe("a restored RDS server", () => {
  it("gets this stack's password for its existing administrator", async () => {
    const { user, password } = await passwordOf("admin");
    await server.administer((client) =>
      client.query("alter role sark_admin password 'of the snapshot' nocreaterole"),
    );
    await expect(server.as(user, password, () => Promise.resolve())).rejects.toThrow(/password/);
    const { events } = await up({ ROTATION: "2", TURN: "3" });
    expect(failures(events)).toEqual([]);
    const may = "select rolcreaterole from pg_roles where rolname = current_user";
    expect(await asLogin("admin", (client) => valueOf(client, may))).toBe(true);
  });
});

describe("an existing database on RDS", () => {
  it("gets the administrator as owner, and the extension", async () => {
    await server.administer(async (client) => {
      await client.query("drop database sark");
      await client.query(`set role ${MASTER.username}`);
      await client.query("create database sark");
    });
    const { events } = await up({ ROTATION: "2", TURN: "4", ADMINISTRATOR_ALONE: "1" });
    expect(failures(events)).toEqual([]);
    await server.administer(async (client) => {
      const owner = "select pg_get_userbyid(datdba) from pg_database where datname = 'sark'";
      expect(await valueOf(client, owner)).toBe("sark_admin");
    });
    await server.administer(async (client) => {
      const extension =
        "select count(*)::int from pg_extension where extname = 'pg_stat_statements'";
      expect(await valueOf(client, extension)).toBe(1);
    }, "sark");
  });
});

describe("the administrator's error", () => {
  const reasons = async (turn: string): Promise<string> => {
    const { events } = await up({ ROTATION: "2", TURN: turn, ADMINISTRATOR_ALONE: "1" });
    return failures(events).join("\n");
  };

  afterEach(() => {
    secrets.secrets.set(SECRET, JSON.stringify(MASTER));
  });

  it("names a missing secret and the permission", async () => {
    secrets.secrets.delete(SECRET);
    expect(await reasons("5")).toMatch(
      /cannot read the secret arn:aws:.*: no such secret; .* secretsmanager:GetSecretValue/,
    );
  });

  it.each([
    ["that is not JSON", `{"username": "sark_master", "password": "Half0fASecret`],
    ["without a password", `{"username": "Half0fASecret"}`],
    ["with other content", `"Half0fASecret"`],
  ])("names a secret %s, without its content", async (_what, text) => {
    secrets.secrets.set(SECRET, text);
    const said = await reasons("6");
    expect(said).toMatch(/has no username and password/);
    expect(said).not.toContain("Half0f");
  });

  it("reports a wrong password of the master user, without the password", async () => {
    const secret = { ...MASTER, password: "An0therSecret" };
    secrets.secrets.set(SECRET, JSON.stringify(secret));
    const said = await reasons("7");
    expect(said).toMatch(
      /cannot connect to sark_master@.*sark-test.*password authentication failed/,
    );
    expect(said).not.toContain(secret.password);
  });
});
