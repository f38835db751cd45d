import { describeWithPgbouncer } from "../../../../support/started-pgbouncer";
import { type TestAuthority, makeAuthority, mount } from "../../../../../scratch/certificates";
import { POOL_HOST, Pod } from "./pod";
import { type TlsServer, startTlsServer } from "./tls-server";

jest.setTimeout(60_000);

const ADDRESS = "IP:127.0.0.1";

/** Tests scripts, configuration and TLS on both sides, with the real PgBouncer and real servers. */
describeWithPgbouncer("PgBouncer pod", () => {
  let pool: TestAuthority;
  let first: TestAuthority;
  let second: TestAuthority;
  let sark: TlsServer;
  let audit: TlsServer;
  const pods: Pod[] = [];

  beforeAll(async () => {
    [pool, first, second] = ["pool", "first", "second"].map(makeAuthority) as [
      TestAuthority,
      TestAuthority,
      TestAuthority,
    ];
    sark = await startTlsServer("sark", first.sign(ADDRESS));
    audit = await startTlsServer("audit", second.sign(ADDRESS));
  });

  afterAll(async () => {
    await sark.stop();
    await audit.stop();
  });

  afterEach(async () => {
    for (const pod of pods.splice(0)) await pod.remove();
  });

  async function started(changes: Partial<Pod["parts"]> = {}): Promise<Pod> {
    const pod = new Pod({
      servers: { sark, sark_audit: audit },
      certificate: pool.sign(`DNS:${POOL_HOST}`),
      authorities: { "sark.crt": first.certificate, "sark_audit.crt": second.certificate },
      ...changes,
    });
    pods.push(pod);
    await pod.start();
    return pod;
  }

  it("verifies servers of two CAs, and its clients verify it", async () => {
    const pod = await started();
    for (const [database, server] of Object.entries({ sark, sark_audit: audit })) {
      expect(await query(pod, database, "show port")).toEqual([{ port: String(server.port) }]);
      const encrypted = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()";
      expect(await query(pod, database, encrypted)).toEqual([{ ssl: true, version: "TLSv1.3" }]);
    }
  });

  it("is rejected by a client with another CA or name", async () => {
    const pod = await started();
    const stranger = pod.client("sark", first.certificate);
    await expect(stranger.connect()).rejects.toThrow(/unable to verify the first certificate/);
    const elsewhere = pod.client("sark", pool.certificate, "pgbouncer.elsewhere.svc");
    await expect(elsewhere.connect()).rejects.toThrow(/does not match certificate's altnames/);
  });

  it("refuses a client without TLS", async () => {
    const pod = await started();
    await expect(pod.client("sark", undefined).connect()).rejects.toThrow(/SSL required/);
  });

  it("refuses a server of an unknown CA", async () => {
    const pod = await started({ authorities: { "sark.crt": first.certificate } });
    expect(await query(pod, "sark", "select 1 as one")).toEqual([{ one: 1 }]);
    await expect(query(pod, "sark_audit", "select 1")).rejects.toThrow();
    expect(await pod.logs(/certificate verify failed/)).toBe(true);
  });

  it("refuses a server with another's certificate or without TLS", async () => {
    const impostor = await startTlsServer("impostor", first.sign("IP:127.0.0.2", "DNS:sark-rw"));
    const plain = await startTlsServer("plain", undefined);
    try {
      const pod = await started({ servers: { impostor, plain } });
      await expect(query(pod, "impostor", "select 1")).rejects.toThrow();
      expect(await pod.logs(/name `127.0.0.1' not present in server certificate/)).toBe(true);
      await expect(query(pod, "plain", "select 1")).rejects.toThrow();
      expect(await pod.logs(/server refused SSL/)).toBe(true);
    } finally {
      await impostor.stop();
      await plain.stop();
    }
  });

  it("lets the statistics login read but not administer", async () => {
    const pod = await started();
    expect(await query(pod, "pgbouncer", "show databases")).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: "sark_audit" })]),
    );
    await expect(query(pod, "pgbouncer", "shutdown")).rejects.toThrow(/admin access needed/);
  });

  it("serves a renewed certificate, and keeps connected clients", async () => {
    const pod = await started();
    const client = pod.client("sark", pool.certificate);
    await client.connect();
    const renewed = makeAuthority("pool, renewed");
    const { certificate, key } = renewed.sign(`DNS:${POOL_HOST}`);
    mount(pod.paths.certificate, { "tls.crt": certificate, "tls.key": key });
    expect(await pod.logs(/got SIGHUP, re-reading config/)).toBe(true);

    const later = pod.client("sark", renewed.certificate);
    await later.connect();
    expect((await later.query<object>("select 1 as one")).rows).toEqual([{ one: 1 }]);
    expect((await client.query<object>("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await later.end();
    await client.end();
    expect(pod.log.match(/process up/g)).toHaveLength(1);
  });

  it("trusts a server's new CA without a restart", async () => {
    const pod = await started({ authorities: { "sark.crt": first.certificate } });
    await expect(query(pod, "sark_audit", "select 1")).rejects.toThrow();
    mount(pod.paths.authorities, {
      "sark.crt": first.certificate.trimEnd(),
      "sark_audit.crt": second.certificate.trimEnd(),
    });
    expect(await pod.logs(/got SIGHUP, re-reading config/)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await query(pod, "sark_audit", "select 1 as one")).toEqual([{ one: 1 }]);
    expect(await query(pod, "sark", "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("keeps its working certificates while new ones are missing", async () => {
    const pod = await started();
    mount(pod.paths.certificate, { "tls.crt": "", "tls.key": "" });
    mount(pod.paths.authorities, {});
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(pod.log).not.toMatch(/SIGHUP/);
    expect(await query(pod, "sark_audit", "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("does not start without a certificate, a CA, or the configured open-file limit", async () => {
    const certificate = { certificate: "", key: "" };
    for (const [changes, why] of [
      [{ certificate }, /^$/],
      [{ authorities: {} }, /\*\.crt/],
      [{ openFiles: 2 ** 40 }, /ulimit/],
    ] as const) {
      const pod = await started(changes);
      expect(await pod.hasEnded(3000)).toBe(true);
      expect(pod.exitCode).not.toBe(0);
      expect(pod.log).toMatch(why);
      expect(pod.log).not.toMatch(/process up/);
    }
  });

  it("exits when PgBouncer fails, so that it is restarted", async () => {
    const pod = await started();
    process.kill(pod.pgbouncer, "SIGKILL");
    expect(await pod.hasEnded(3000)).toBe(true);
    expect(pod.exitCode).toBe(137);
  });

  async function query(pod: Pod, database: string, sql: string): Promise<object[]> {
    const client = pod.client(database, pool.certificate);
    await client.connect();
    try {
      return (await client.query<object>(sql)).rows;
    } finally {
      await client.end();
    }
  }
});
