import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { availableBackups } from "../../../../../components/homes/local/backups/available-backups";
import {
  runPgBackRest,
  withRepository,
} from "../../../../../components/homes/local/backups/pgbackrest";
import {
  archiveNow,
  makeBaseBackup,
  servedRepository,
} from "../../../../../components/homes/local/backups/server-backups";
import type { BackupOptions } from "../../../../../components/homes/local/plan/pgbackrest-config";
import { waitUntil } from "../../../../../components/homes/local/processes/process";
import { serviceUser } from "../../../../../components/homes/local/processes/service-user";
import { makeAuthority } from "../../../../../scratch/certificates";
import {
  ADMIN,
  BackedUpServer,
  describeWithPgBackRest,
} from "../../../../support/backed-up-server";

jest.setTimeout(180_000);

const MiB = 2 ** 20;

describeWithPgBackRest("a local server whose archiving fails", () => {
  const BOUND = 96 * MiB;
  let server: BackedUpServer;

  beforeAll(async () => {
    server = await BackedUpServer.start({ walBound: BOUND });
  });
  afterAll(() => server.remove());

  const segments = () =>
    readdirSync(join(server.folder, "data", "pg_wal")).filter((name) =>
      /^[0-9A-F]{24}$/.test(name),
    );

  async function switchWal(): Promise<void> {
    await server.query("create table filled as select generate_series(1, 1000) as id");
    await server.query("drop table filled");
    await server.query("select pg_switch_wal()");
  }

  async function failures(): Promise<number> {
    const [row] = await server.query<{ failed: number }>(
      "select failed_count::int as failed from pg_stat_archiver",
    );
    return row?.failed ?? 0;
  }

  it("counts failures for the alert, keeps its disk below the bound, and names the gap that this leaves", async () => {
    expect(await failures()).toBe(0);
    const { newestWal } = await availableBackups(servedRepository("sark"));
    // The store is away, as a disk that is not mounted.
    const archive = join(server.store, "archive");
    chmodSync(archive, 0);
    chownSync(archive, 0, 0);
    await switchWal();
    expect(await waitUntil(async () => (await failures()) > 0, 60_000, 200)).toBe(true);
    let most = 0;
    for (let made = 0; made < 16; made++) {
      await switchWal();
      await server.query("checkpoint");
      most = Math.max(most, segments().length);
    }
    // The bound counts what waits for the archive; one segment is open, and max_wal_size is kept for reuse.
    const isBounded = async () => {
      await server.query("checkpoint");
      return segments().length * 16 * MiB <= BOUND + 64 * MiB + 16 * MiB;
    };
    expect(await waitUntil(isBounded, 60_000, 500)).toBe(true);
    expect(most).toBeGreaterThan(BOUND / (16 * MiB));

    const user = serviceUser();
    if (user !== undefined) chownSync(archive, user.uid, user.gid);
    chmodSync(archive, 0o750);
    await archiveNow(server.folder, ADMIN);
    const { gaps } = await availableBackups(servedRepository("sark"));
    expect(gaps).toEqual([{ after: newestWal?.name, before: expect.any(String) as string }]);
    // A new base backup begins after the gap.
    const made = await makeBaseBackup(server.folder, servedRepository("sark"), ADMIN);
    expect(made.firstWal >= (gaps[0]?.before ?? "")).toBe(true);
  });
});

describeWithPgBackRest("a store of backups that does not work", () => {
  const authority = makeAuthority("test authority");
  let https: Server;
  let answer: number | "nothing" = 200;
  let options: BackupOptions;
  let folder: string;

  beforeAll(async () => {
    const { certificate, key } = authority.sign("DNS:localhost", "IP:127.0.0.1");
    https = createServer({ cert: certificate, key }, (_request, response) => {
      if (answer === "nothing") return;
      response.writeHead(answer, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0"?><Error><Code>Test${answer}</Code></Error>`);
    });
    https.listen(0, "127.0.0.1");
    await once(https, "listening");
    folder = mkdtempSync(join(tmpdir(), "sark-authority-"));
    chmodSync(folder, 0o755);
    const caFile = join(folder, "ca.pem");
    writeFileSync(caFile, authority.certificate);
    const { port } = https.address() as AddressInfo;
    const store = {
      bucket: "s3://sark-backups/laptop",
      region: "us-east-1",
      endpoint: `https://localhost:${port}`,
      accessKeyId: "AKIATEST",
      secretAccessKey: "storage-secret",
      caFile,
    };
    options = { store, passphrase: "a-passphrase", retentionDays: 14, walBound: 2 ** 30 };
  });
  afterAll(async () => {
    https.close();
    https.closeAllConnections();
    await once(https, "close");
    rmSync(folder, { recursive: true, force: true });
  });

  const create = (more: Partial<BackupOptions> = {}) =>
    withRepository({ ...options, ...more }, "sark", (repository) =>
      runPgBackRest(repository, "info", { options: ["--io-timeout=1", "--output=json"] }),
    );

  it.each([
    [403, /403/],
    [404, /404/],
    [500, /500/],
    ["nothing", /timeout/],
  ] as const)("answers %s, and the error says so", async (given, expected) => {
    answer = given;
    const text = await create().catch((error: unknown) => String(error));
    expect(text).toMatch(expected);
    expect(text).not.toContain("storage-secret");
  });

  it("has a certificate of an unknown authority, and is refused", async () => {
    const text = await create({
      store: { ...options.store, caFile: undefined } as BackupOptions["store"],
    }).catch((error: unknown) => String(error));
    expect(text).toMatch(/unable to verify certificate/);
  });

  it("does not get a configuration with secrets in the files of a preview", () => {
    const left = readdirSync(tmpdir()).filter((name) => name.startsWith("sark-repository-"));
    const texts = left.map((name) => {
      const file = join(tmpdir(), name, "pgbackrest.conf");
      return readFileSync(file, "utf8");
    });
    expect(texts.filter((text) => text.includes("storage-secret"))).toEqual([]);
  });
});
