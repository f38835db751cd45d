import { printPlacement } from "../../../cli/report/report-placement";
import { OUTPUTS, fakeTerminal, planOf } from "../support/fakes";

const GiB = 2 ** 30;

function printed(outputs: Readonly<Record<string, unknown>>): string {
  const { terminal, out } = fakeTerminal();
  printPlacement({ ...planOf(), outputs }, terminal);
  return out();
}

const { sark, sark_audit: audit } = OUTPUTS.servers;

const PROMISE = {
  days: 30,
  lossMinutes: 5,
  lossReason: "",
  restoreMinutes: 60,
  location: "s3://bucket",
  encryption: "encrypted with a key",
  writer: "the server",
  reader: "the restorer",
  deleter: "nobody",
};

it("printRuns prints a column for each database and the pool, and each row that any of them has", () => {
  const servers = {
    sark: {
      ...sark,
      home: "aws",
      host: "[unknown]",
      backups: PROMISE,
      runs: {
        class: "db.m8g.2xlarge",
        replicaClass: "db.m8g.xlarge",
        vcpus: 8,
        memory: 32 * GiB,
        storage: {
          size: 500 * GiB,
          kind: "gp3",
          iops: 12000,
          throughput: 500,
          maximum: 1024 * GiB,
        },
        standBys: 1,
        replicas: 2,
        zones: 2,
      },
    },
    sark_audit: {
      ...audit,
      home: "kubernetes",
      backups: null,
      runs: {
        vcpus: 0.5,
        memory: 1.5 * GiB,
        storage: { size: 1536 * GiB, kind: "san", wal: GiB / 2 },
        standBys: 0,
        replicas: 0,
        zones: 1,
      },
    },
  };
  const pool = { ...OUTPUTS.pool, runs: { home: "kubernetes", instances: 3 } };
  expect(printed({ servers, pool, logins: "[secret]" })).toBe(`\
  runs         sark                            sark_audit         pool
  home         aws                             kubernetes         kubernetes
  machine      db.m8g.2xlarge, 8 vCPU, 32 GiB  0.5 vCPU, 1.5 GiB
  replicas on  db.m8g.xlarge
  storage      500 GiB gp3, up to 1 TiB        1.5 TiB san
  log                                          512 MiB
  speed        12000 IOPS, 500 MiB/s
  servers      primary, stand-by, 2 replicas   primary            3
  zones        at least 2                      1
  backups      30 days                         none

Backups of sark: any second of the last 30 days but the last 5 minutes, back within 60 minutes; in s3://bucket, \
encrypted with a key; written by the server, read by the restorer, deleted by nobody.
Backups of sark_audit: none; what is lost with its server stays lost.

`);
});

it("printRuns omits empty rows, and prints nothing for a plan without this data", () => {
  const runs = { standBys: 0, replicas: 1 };
  expect(printed({ servers: { sark: { ...sark, runs } }, pool: null, logins: {} })).toBe(`\
  runs     sark
  home     local
  servers  primary, 1 replica
  backups  none

`);
  expect(printed({})).toBe("");
  expect(printed({ ...OUTPUTS })).toBe("");
});
