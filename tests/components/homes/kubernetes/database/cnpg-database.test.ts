import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  CnpgDatabase,
  type CnpgDatabaseArgs,
} from "../../../../../components/homes/kubernetes/database/cnpg-database";
import type { DatabaseName } from "../../../../../components/roles/plan/role-plan";
import type { RelayOptions } from "../../../../../components/route/open-relay";
import { type LoopbackPort, listenOnLoopback } from "../../../../../components/route/loopback-port";
import { backupKeys } from "../../../../../components/homes/kubernetes/backup-keys";
import type { StackSettings } from "../../../../support/parse-settings";
import type { Registration } from "../../../../../engine/embedded/registration";
import { clusteredIn, platformOf } from "../../../../support/built-cluster";
import { plannedBy, waitsFor } from "../../../../support/kubernetes-plan";
import { kubernetesStack } from "../../../../support/registered";

const relays: RelayOptions[] = [];
jest.mock("../../../../../components/route/open-relay", () => ({
  openRelay: (options: RelayOptions) => {
    relays.push(options);
    return { host: pulumi.output("127.0.0.1"), port: pulumi.output(options.listen.port) };
  },
}));

async function build(changes: object = {}, database: DatabaseName = "sark", protection = false) {
  // Set here, since protected settings require a digest for each image.
  const settings = { ...stack(changes), protection };
  const listen = await listenOnLoopback();
  let made: CnpgDatabase | undefined;
  const planned = await plannedBy(() => {
    made = new CnpgDatabase("db", argsOf(settings, database, listen));
  });
  if (!made) throw new Error("nothing was made");
  const own = planned.filter(({ name, custom }) => custom && name.startsWith("db-"));
  return { made, own, relay: relays.at(-1) };
}

function argsOf(
  settings: StackSettings,
  database: DatabaseName,
  listen: LoopbackPort,
): CnpgDatabaseArgs {
  const { backups } = settings;
  const keys = backupKeys(settings);
  const cluster = clusteredIn(settings, database);
  const platform = platformOf(settings);
  return { platform, cluster, plan: settings.servers[database], backups, keys, listen };
}

/** Storage keys, as `loadSettings` reads them from secrets. */
function stack(changes: object): StackSettings {
  const secret = (value: string) => pulumi.secret(value);
  return {
    ...kubernetesStack({ ...changes }),
    secrets: { backupAccessKeyId: secret("the id"), backupSecretAccessKey: secret("the key") },
  };
}

function named(own: readonly Registration[], name: string): Registration {
  const found = own.find((each) => each.name === name);
  if (!found) throw new Error(`no ${name}; there are ${own.map((each) => each.name).join(", ")}`);
  return found;
}

const sark = (more: object) => ({ sark: { home: "kubernetes", instances: 1, ...more } });
const bucket = (more: object) => ({
  backups: { bucket: { path: "s3://sark-dev-backups", retentionDays: 30, ...more } },
});
const value = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply(resolve));

describe("CnpgDatabase as a server", () => {
  it("has one primary, reachable in the cluster through its Service", async () => {
    const { made } = await build();
    expect(made).toMatchObject({
      home: "kubernetes",
      engine: "postgresql",
      database: "sark",
      restoredFromBackup: false,
      replica: undefined,
      extensions: ["pg_stat_statements", "pg_trgm", "pgcrypto", "uuid-ossp"],
    });
    expect(await value(made.host)).toBe("sark-rw.sark-databases.svc");
    expect(made.service).toBe("sark-rw");
    expect(await value(made.port)).toBe(5432);
  });

  it("exposes the stand-bys' Service with three servers, and drops the single-server limit", async () => {
    const [one, three] = [await build(), await build(sark({ instances: 3 }))];
    expect(await value(three.made.replica?.host ?? pulumi.output(""))).toBe(
      "sark-ro.sark-databases.svc",
    );
    expect(three.made.replica?.service).toBe("sark-ro");
    expect(one.made.limits).toEqual([expect.stringContaining("one server")]);
    expect(three.made.limits).toEqual([expect.stringContaining("asynchronous replication")]);
  });

  it("lists the guarantees that its settings give up", async () => {
    const synchronous = (durability: string) =>
      sark({ instances: 3, synchronous: { replicas: 1, durability } });
    expect((await build(synchronous("required"))).made.limits).toEqual([]);
    expect((await build(synchronous("preferred"))).made.limits).toEqual([
      expect.stringContaining("unconfirmed"),
    ]);
    expect((await build({ ...synchronous("required"), backups: {} })).made.limits).toEqual([
      expect.stringContaining("no backups"),
    ]);
  });

  it("has backups to watch only with a bucket, and after a recovery the pods of the new cluster", async () => {
    const { made } = await build(sark({ recovery: { generation: 2 } }));
    expect(made).toMatchObject({
      exports: ["backups", "drills", "dumps", "volumes"],
      servers: "sark-g2-[0-9]+",
    });
    expect((await build({ backups: {} })).made.exports).toEqual(["volumes"]);
  });

  it("is administered through the relay, by a non-superuser login", async () => {
    const { made, relay } = await build();
    expect(made.admin).toMatchObject({ user: "sark_admin", sslMode: "disable", superuser: false });
    expect(await value(made.admin.host)).toBe("127.0.0.1");
    expect(await value(made.admin.port)).toBe(relay?.listen.port);
    expect(relay).toEqual({
      listen: relay?.listen,
      target: {
        route: { kind: "port-forward" },
        context: undefined,
        namespace: "sark-databases",
        cluster: "sark",
        server: "sark-rw.sark-databases.svc",
        authority: "sark-ca",
      },
    });
    expect(made.relay).toBe(relay?.target);
  });

  it.each([
    ["direct", { route: "direct" }, { kind: "direct" }],
    [
      "a tunnel",
      sark({ tunnel: { host: "bastion", port: 7000 } }),
      { kind: "tunnel", host: "bastion", port: 7000 },
    ],
  ])("is reached by route %s when configured", async (_way, changes, route) => {
    expect((await build(changes)).relay?.target.route).toEqual(route);
  });

  it("uses TimescaleDB for the audit database", async () => {
    const { made, own } = await build({}, "sark_audit");
    expect(made.engine).toBe("timescaledb");
    expect(made.extensions).toContain("timescaledb");
    expect(named(own, "db-cluster").inputs["metadata"]).toMatchObject({ name: "sark-audit" });
  });
});

describe("CnpgDatabase ordering", () => {
  it("creates the cluster after its password, archive and metric queries, and waits for it before the rest", async () => {
    const { made, own } = await build();
    const nameOf = (urn: string) => urn.split("::").at(-1);
    const after = (name: string) => named(own, name).dependencies.map(nameOf);
    expect(after("db-cluster")).toEqual(
      expect.arrayContaining(["db-admin", "db-archive", "db-metric-queries"]),
    );
    expect(after("db-health")).toEqual(["db-cluster"]);
    expect(after("db-backups")).toContain("db-health");
    expect(nameOf(await value(made.dataResource.urn))).toBe("db-cluster");
    expect(nameOf(await value(made.ready.urn))).toBe("db-health");
  });

  it("creates the cluster after the backup storage, when the stack creates that too", async () => {
    const settings = stack({});
    const listen = await listenOnLoopback();
    const planned = await plannedBy(() => {
      const storage = new random.RandomPet("storage");
      new CnpgDatabase("db", { ...argsOf(settings, "sark", listen), storage });
    });
    expect(waitsFor(planned, "db-cluster")).toContain("storage");
  });

  it("does not recreate the contents of a recovered cluster", async () => {
    const { made } = await build({ ...sark({ recovery: { generation: 2 } }), ...bucket({}) });
    expect(made.restoredFromBackup).toBe(true);
    expect(await value(made.dataResource.urn)).toMatch(/::kubernetes-namespace$/);
  });

  it("passes oldNames to the health wait", async () => {
    const recovery = { generation: 3, oldNames: 2 };
    const { own } = await build({ ...sark({ recovery }), ...bucket({}) });
    expect(named(own, "db-health").inputs).toMatchObject({ cluster: "sark-g3", oldNames: 2 });
  });

  it("waits again after a change, and starts a new wait for another cluster", async () => {
    const health = async (changes: object) => named((await build(changes)).own, "db-health");
    const [before, same] = [await health({}), await health({})];
    const grown = await health(sark({ instances: 3 }));
    expect(before.inputs).toMatchObject({
      namespace: "sark-databases",
      cluster: "sark",
      instances: 1,
      timeoutMinutes: 30,
    });
    expect(same.inputs).toEqual(before.inputs);
    expect(grown.inputs).toMatchObject({ instances: 3 });
    expect(grown.inputs["spec"]).not.toBe(before.inputs["spec"]);
    const cluster = before.dependencies[0];
    expect(before).toMatchObject({ deletedWith: cluster, replaceWith: [cluster] });
  });

  it("ignores no changes, and never deletes a cluster before its replacement exists", async () => {
    for (const each of (await build()).own) {
      expect(each).toMatchObject({ ignoreChanges: [], deleteBeforeReplace: undefined });
    }
  });
});

describe("CnpgDatabase protection", () => {
  const LIVED_ON = [
    "db-admin",
    "db-archive",
    "db-backups",
    "db-cluster",
    "db-metric-queries",
    "db-metrics",
  ];

  it("retains everything a cluster depends on, and protects its data", async () => {
    const { own } = await build({}, "sark", true);
    const having = (option: "protect" | "retainOnDelete") =>
      own.filter((each) => each[option]).map(({ name }) => name);
    expect(having("retainOnDelete").sort()).toEqual(LIVED_ON);
    expect(having("protect").sort()).toEqual(["db-archive", "db-cluster"]);
  });

  it("retains and protects nothing with retain off", async () => {
    const { own } = await build({ kubernetes: { retain: false } });
    for (const each of own) expect(each).toMatchObject({ protect: false, retainOnDelete: false });
  });
});

describe("CnpgDatabase secrets", () => {
  const SECRET = "1b47061264138c4ac30d75fd1eb44270";

  it("appear only in Secrets, encrypted in the state", async () => {
    const { own } = await build(bucket({ access: "keys" }));
    for (const { name, inputs } of own) {
      const open = JSON.stringify(inputs, (_key, each: unknown) =>
        typeof each === "object" && each !== null && Object.values(each).includes(SECRET)
          ? "sealed"
          : each,
      );
      expect({ name, open }).toEqual({
        name,
        open: expect.not.stringMatching(/the id|the key|secret-db/) as unknown,
      });
    }
  });

  it("hold the administrator's login in the operator's format, reloaded on change", async () => {
    const { own } = await build();
    expect(named(own, "db-admin").inputs).toMatchObject({
      type: "kubernetes.io/basic-auth",
      metadata: { name: "sark-admin", labels: { "cnpg.io/reload": "true" } },
    });
    expect(JSON.stringify(named(own, "db-admin").inputs)).toContain("sark_admin");
  });

  it("hold the storage keys only without a role", async () => {
    const names = async (changes: object) => (await build(changes)).own.map(({ name }) => name);
    expect(await names(bucket({ access: "keys" }))).toContain("db-archive-keys");
    expect(await names(bucket({ access: "role" }))).not.toContain("db-archive-keys");
  });
});

it("CnpgDatabase has no archive or backups without a bucket, and no monitoring when that is off", async () => {
  const { own } = await build({ backups: {}, monitoring: { enabled: false } });
  expect(own.map(({ name }) => name).sort()).toEqual([
    "db-admin",
    "db-admin-password",
    "db-cluster",
    "db-health",
  ]);
});
