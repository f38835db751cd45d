import { awsStackOf } from "../../plan/aws-stack";
import {
  archiveRoleName,
  archiveRolePattern,
  withArchiveRoles,
} from "../../../../../../components/homes/aws/backups/plan/backup-accounts";
import { awsNames } from "../../../../../../components/homes/aws/plan/aws-names";
import { bucketRole } from "../../../../../../components/settings/plan/settings-bucket";
import { type Changes, stackOf } from "../../../kubernetes/plan/kubernetes-stack";

const ISSUER = `oidc.eks.eu-central-1.amazonaws.com/id/${"0123456789ABCDEF".repeat(2)}`;

const managed = (bucket: Changes = {}) => ({
  backups: { bucket: { path: "s3://sark-backups/prod", managed: true, ...bucket } },
});

const amazon = (cluster: Changes = {}) => ({
  aws: {
    account: "111122223333",
    region: "eu-central-1",
    sources: { eks: "sg-0123456789abcdef0" },
    cluster: { name: "sark-prod", ...cluster },
  },
});

const accountsOf = (changes: Changes) => awsStackOf(stackOf(changes)).clients.accounts;

describe("service accounts of the backup bucket", () => {
  it("are those of clusters and dump jobs, with a folder each", () => {
    expect(accountsOf(managed())).toEqual([
      { account: "sark", writes: "prod/sark", reads: ["prod/sark"], ofCluster: true },
      {
        account: "sark-audit",
        writes: "prod/sark-audit",
        reads: ["prod/sark-audit"],
        ofCluster: true,
      },
      { account: "sark-dump", writes: "prod/dumps/sark", reads: [], ofCluster: false },
      { account: "sark-restore-drill", reads: ["prod/sark"], ofCluster: false },
      { account: "sark-audit-restore-drill", reads: ["prod/sark-audit"], ofCluster: false },
    ]);
  });

  it("write to the bucket's root when its path has no folder", () => {
    const folders = accountsOf(managed({ path: "s3://sark-backups/" })).map(({ writes }) => writes);
    expect(folders).toEqual(["sark", "sark-audit", "dumps/sark", undefined, undefined]);
  });

  it("include a recovered cluster, which reads its source's folder, and the previous cluster", () => {
    const recovery = { generation: 4, from: 2 };
    const accounts = accountsOf({ sark: { recovery }, ...managed() });
    expect(accounts.filter(({ account }) => !account.startsWith("sark-audit"))).toMatchObject([
      { account: "sark-g3", writes: "prod/sark-g3", reads: ["prod/sark-g3"] },
      { account: "sark-g4", writes: "prod/sark-g4", reads: ["prod/sark-g4", "prod/sark-g2"] },
      { account: "sark-g4-dump", writes: "prod/dumps/sark-g4", reads: [] },
      { account: "sark-g4-restore-drill", reads: ["prod/sark-g4"] },
    ]);
    const next = accountsOf({ sark: { recovery: { generation: 2 } }, ...managed() });
    expect(next.map(({ account, reads }) => [account, ...reads]).slice(0, 2)).toEqual([
      ["sark", "prod/sark"],
      ["sark-g2", "prod/sark-g2", "prod/sark"],
    ]);
  });

  it("keep the old names of clusters from before names had a g", () => {
    const foldersOf = (recovery: Changes) =>
      accountsOf({ sark: { recovery }, ...managed() })
        .filter(({ account }) => !account.startsWith("sark-audit"))
        .map(({ account, reads }) => [account, ...reads]);
    expect(foldersOf({ generation: 2, oldNames: 2 })).toEqual([
      ["sark", "prod/sark"],
      ["sark-2", "prod/sark-2", "prod/sark"],
      ["sark-2-dump"],
      ["sark-2-restore-drill", "prod/sark-2"],
    ]);
    expect(foldersOf({ generation: 3, oldNames: 2 })).toEqual([
      ["sark-2", "prod/sark-2"],
      ["sark-g3", "prod/sark-g3", "prod/sark-2"],
      ["sark-g3-dump"],
      ["sark-g3-restore-drill", "prod/sark-g3"],
    ]);
    expect(foldersOf({ generation: 4, from: 2, oldNames: 2 })).toEqual([
      ["sark-g3", "prod/sark-g3"],
      ["sark-g4", "prod/sark-g4", "prod/sark-2"],
      ["sark-g4-dump"],
      ["sark-g4-restore-drill", "prod/sark-g4"],
    ]);
  });

  it("omit databases of other homes, disabled jobs, and stacks without a bucket", () => {
    const names = (changes: Changes) =>
      accountsOf({ ...managed(), ...changes }).map(({ account }) => account);
    expect(names({ audit: { home: "local" } })).toEqual([
      "sark",
      "sark-dump",
      "sark-restore-drill",
    ]);
    expect(names({ maintenance: { enabled: false } })).toEqual(["sark", "sark-audit"]);
    expect(names({ backups: { bucket: undefined } })).toEqual([]);
  });
});

describe("the roles of a managed bucket", () => {
  const irsa = { identity: "irsa", issuer: ISSUER };
  const bucketOf = (changes: Changes) => {
    const { backups, clients, aws } = awsStackOf(stackOf(changes));
    return withArchiveRoles(backups, clients.accounts, aws, "prod").bucket;
  };

  it("are set for each service account with irsa", () => {
    const bucket = bucketOf({ ...managed(), ...amazon(irsa) });
    expect(bucket?.roles).toEqual({
      sark: "arn:aws:iam::111122223333:role/sark-prod-archive-sark",
      "sark-audit": "arn:aws:iam::111122223333:role/sark-prod-archive-sark-audit",
      "sark-dump": "arn:aws:iam::111122223333:role/sark-prod-archive-sark-dump",
      "sark-restore-drill": "arn:aws:iam::111122223333:role/sark-prod-archive-sark-restore-drill",
      "sark-audit-restore-drill":
        "arn:aws:iam::111122223333:role/sark-prod-archive-sark-audit-restore-drill",
    });
  });

  it("are not set with Pod Identity, with an unmanaged bucket, or without AWS", () => {
    expect(bucketOf({ ...managed(), ...amazon() })?.roles).toEqual({});
    expect(bucketOf({ ...managed({ managed: false }), ...amazon(irsa) })?.roles).toEqual({});
    expect(bucketOf(managed())?.roles).toEqual({});
    expect(bucketOf({ backups: { bucket: undefined }, ...amazon(irsa) })).toBeUndefined();
  });

  it("match one ARN pattern", () => {
    const names = awsNames({ account: "111122223333", region: "eu-central-1" }, "prod");
    expect(archiveRoleName(names, "sark-audit-g2")).toBe("sark-prod-archive-sark-audit-g2");
    expect(archiveRolePattern(names)).toBe("arn:aws:iam::111122223333:role/sark-prod-archive-*");
  });
});

it("bucketRole prefers a service account's own role to the common one, and returns none with access keys", () => {
  const roles = { "sark-dump": "writer" };
  expect(bucketRole({ access: "role", role: "all", roles }, "sark-dump")).toBe("writer");
  expect(bucketRole({ access: "role", role: "all", roles }, "sark")).toBe("all");
  expect(bucketRole({ access: "role", roles }, "sark")).toBeUndefined();
  expect(bucketRole({ access: "keys", role: "all", roles }, "sark-dump")).toBeUndefined();
});

it("role names of the longest accounts fit into IAM's 64 characters, and stay different", () => {
  const names = awsNames({ account: "111122223333", region: "eu-central-1" }, "s".repeat(32));
  const made = [
    "sark-audit-g1000",
    "sark-audit-g1000-restore-drill",
    "sark-audit-g1001-restore-drill",
  ].map((account) => archiveRoleName(names, account));
  expect(made[0]).toBe(`sark-${"s".repeat(32)}-archive-sark-audit-g1000`);
  expect(made.every((name) => name.length <= 64)).toBe(true);
  expect(new Set(made).size).toBe(3);
});
