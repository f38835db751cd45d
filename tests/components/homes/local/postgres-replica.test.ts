import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { existingServerFolder } from "../../../../components/homes/local/processes/paths";
import { freePort, HOST } from "../../../../components/homes/local/processes/ports";
import { runningPostgres, stop } from "../../../../components/homes/local/processes/postgres";
import { waitUntil } from "../../../../components/homes/local/processes/process";
import { type Checkout, LocalResource, makeCheckout } from "../../../support/local-home";

jest.setTimeout(60_000);

type Properties = Record<string, unknown>;

let checkout: Checkout;
let primary: LocalResource;
let replica: LocalResource;
let ports: { primary: number; replica: number };
let restart: Record<string, string> = { max_connections: "30", max_slot_wal_keep_size: "512MB" };
let password = "replica'pass\\word:1";

beforeAll(async () => {
  checkout = makeCheckout();
  ports = { primary: await freePort(), replica: await freePort() };
  primary = new LocalResource("local:PostgresServer");
  replica = new LocalResource("local:PostgresReplica");
  await primary.up(primaryInputs());
  await onPrimary("create table facts (n int)");
  await onPrimary("insert into facts select generate_series(1, 5000)");
  await replica.up(replicaInputs());
});

afterAll(async () => {
  await replica.delete();
  await primary.delete();
  checkout.remove();
});

describe("a new local replica", () => {
  it("has the primary's data, and follows it through the slot", async () => {
    await onPrimary("insert into facts values (5001)");
    expect(await rows(5001)).toBe(true);
    const [slot] = await onPrimary(
      `select slot_name, active, wal_status from pg_replication_slots`,
    );
    expect(slot).toEqual({ slot_name: "sark_replica", active: true, wal_status: "reserved" });
    expect(await onPrimary("select application_name, state from pg_stat_replication")).toEqual([
      { application_name: "sark_replica", state: "streaming" },
    ]);
  });

  it("refuses writes", async () => {
    await expect(onReplica("insert into facts values (1)")).rejects.toMatchObject({
      code: "25006",
    });
  });

  it("keeps its password out of primary_conninfo", async () => {
    const [row] = await onReplica("select current_setting('primary_conninfo') as conninfo");
    expect(row?.["conninfo"]).not.toContain("pass\\word");
    expect(row?.["conninfo"]).toContain("passfile");
  });

  it("is unchanged by a second up", async () => {
    expect(await replica.up(replicaInputs())).toBe("same");
  });
});

describe("parameters that must not be lower on a local replica than on its primary", () => {
  it("are raised on the primary first, and the replica follows", async () => {
    restart = { ...restart, max_connections: "60" };
    await primary.up(primaryInputs());
    await onPrimary("insert into facts values (5002)");
    expect(await replica.up(replicaInputs())).toBe("update");
    expect(await onReplica("show max_connections")).toEqual([{ max_connections: "60" }]);
    expect(await rows(5002)).toBe(true);
  });

  it("are lowered on the primary first, and the replica follows", async () => {
    const copied = dataMadeAt();
    restart = { ...restart, max_connections: "25" };
    await primary.up(primaryInputs());
    await onPrimary("insert into facts values (5003)");
    expect(await replica.up(replicaInputs())).toBe("update");
    expect(await onReplica("show max_connections")).toEqual([{ max_connections: "25" }]);
    expect(await rows(5003)).toBe(true);
    expect(dataMadeAt()).toBe(copied);
  });
});

describe("a local replica", () => {
  it("is started again after a kill, and catches up without a new copy", async () => {
    const copied = dataMadeAt();
    process.kill(runningPostgres(replicaFolder())?.pid ?? 0, "SIGKILL");
    await onPrimary("insert into facts values (5004)");
    expect(await replica.up(replicaInputs())).toBe("update");
    expect(await rows(5004)).toBe(true);
    expect(dataMadeAt()).toBe(copied);
    expect(await replica.up(replicaInputs())).toBe("same");
  });

  it("follows a restarted primary without any change", async () => {
    process.kill(runningPostgres(primaryFolder())?.pid ?? 0, "SIGKILL");
    expect(await primary.up(primaryInputs())).toBe("update");
    await onPrimary("insert into facts values (5005)");
    expect(await rows(5005)).toBe(true);
    expect(await replica.up(replicaInputs())).toBe("same");
  });

  it("is copied again if its slot and its WAL are gone", async () => {
    await stop(replicaFolder());
    await onPrimary("select pg_drop_replication_slot('sark_replica')");
    await onPrimary("insert into facts values (5006)");
    await onPrimary("select pg_switch_wal()");
    await onPrimary("checkpoint");
    const copied = dataMadeAt();
    expect(await replica.up(replicaInputs())).toBe("update");
    expect(await rows(5006)).toBe(true);
    expect(dataMadeAt()).not.toBe(copied);
  });

  it("is copied again, with a new slot, if its slot has lost its WAL", async () => {
    restart = { ...restart, max_slot_wal_keep_size: "64MB", max_wal_size: "64MB" };
    await primary.up(primaryInputs());
    await stop(replicaFolder());
    for (let round = 0; round < 7; round += 1) {
      await onPrimary("insert into facts select generate_series(1, 1000)");
      await onPrimary("select pg_switch_wal()");
    }
    await onPrimary("checkpoint");
    expect(await onPrimary("select wal_status from pg_replication_slots")).toEqual([
      { wal_status: "lost" },
    ]);
    expect(await replica.up(replicaInputs())).toBe("update");
    await onPrimary("insert into facts values (5007)");
    expect(await rows(5007)).toBe(true);
  });

  it("uses a changed replication password", async () => {
    password = "another";
    await primary.up(primaryInputs());
    expect(await replica.up(replicaInputs())).toBe("update");
    await onPrimary("select pg_terminate_backend(pid) from pg_stat_replication");
    expect(
      await waitUntil(
        async () => (await onPrimary("select from pg_stat_replication")).length === 1,
        10_000,
      ),
    ).toBe(true);
  });

  it("is copied again from another primary", async () => {
    const before = primary.outputs?.["systemIdentifier"];
    await primary.delete();
    await primary.up(primaryInputs());
    await onPrimary("create table facts (n int)");
    await onPrimary("insert into facts values (1)");
    expect(primary.outputs?.["systemIdentifier"]).not.toBe(before);
    expect(await replica.up(replicaInputs())).toBe("update");
    expect(await onReplica("select n from facts")).toEqual([{ n: 1 }]);
  });
});

it("a deleted local replica leaves no file and no slot", async () => {
  await replica.delete();
  expect(existsSync(join(checkout.root, ".sark", "local", "sark-replica"))).toBe(false);
  expect(await onPrimary("select slot_name from pg_replication_slots")).toEqual([]);
});

function shared(): Properties {
  return {
    adminUser: "postgres",
    adminPassword: "admin-password",
    replicationUser: "sark_replication",
    replicationPassword: password,
    preload: [],
    parameters: { restart, reload: { wal_receiver_timeout: "5s" } },
  };
}

function primaryInputs(): Properties {
  return {
    ...shared(),
    directory: "sark",
    port: ports.primary,
    database: "sark",
    majorVersion: 18,
  };
}

function replicaInputs(): Properties {
  const { directory, host, port, systemIdentifier } = primary.outputs ?? {};
  return {
    ...shared(),
    directory: "sark-replica",
    port: ports.replica,
    primary: { directory, host, port, systemIdentifier },
    slot: "sark_replica",
  };
}

const primaryFolder = () => existingServerFolder("sark") ?? "";
const replicaFolder = () => existingServerFolder("sark-replica") ?? "";

/** Identifies a copy of the primary's data. */
const dataMadeAt = () => statSync(join(replicaFolder(), "data")).ino;

/** Whether the row arrives on the replica. */
async function rows(n: number): Promise<boolean> {
  return waitUntil(async () => {
    const found = await onReplica(`select from facts where n = ${n}`).catch(() => []);
    return found.length > 0;
  }, 10_000);
}

const onPrimary = (sql: string) => query(ports.primary, sql);
const onReplica = (sql: string) => query(ports.replica, sql);

async function query(port: number, sql: string): Promise<Properties[]> {
  const client = new Client({
    host: HOST,
    port,
    user: "postgres",
    password: "admin-password",
    database: "sark",
  });
  await client.connect();
  try {
    return (await client.query<Properties>(sql)).rows;
  } finally {
    await client.end();
  }
}
