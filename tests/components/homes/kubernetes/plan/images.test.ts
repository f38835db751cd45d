import {
  helperImage,
  parseImage,
  serverImage,
} from "../../../../../components/homes/kubernetes/plan/images";
import { imagesInUse } from "../../../../../components/homes/kubernetes/plan/image-problems";
import { majorVersions } from "../../../../../components/parameters/parameters";
import { clusterStackOf, clusteredIn } from "../../../../support/built-cluster";
import { type Changes, DIGEST, stackOf } from "./kubernetes-stack";

/** Images of a stack, by purpose. */
const imagesOf = (changes: Changes) =>
  Object.fromEntries(
    imagesInUse(clusterStackOf(stackOf(changes))).map(({ use, image }) => [use, image]),
  );

describe("parseImage", () => {
  it.each([
    [
      `ghcr.io/cloudnative-pg/postgresql:18.6@${DIGEST}`,
      { registry: "ghcr.io", name: "cloudnative-pg/postgresql", tag: "18.6", digest: DIGEST },
    ],
    ["localhost:5000/pool:1", { registry: "localhost:5000", name: "pool", tag: "1" }],
    [`example.com/a/b/c@${DIGEST}`, { registry: "example.com", name: "a/b/c", digest: DIGEST }],
    ["example.com/a", { registry: "example.com", name: "a" }],
  ])("splits %s", (image, parts) => {
    expect(parseImage(image)).toEqual(parts);
  });

  it.each(["postgresql", "postgresql:18", "example.com/a@sha256:12", "example.com/a:1:2", ""])(
    "rejects %p",
    (image) => {
      expect(() => parseImage(image)).toThrow(/expected registry\/name:tag@sha256:digest/);
    },
  );
});

describe("default images", () => {
  const server = (majorVersion: number) =>
    serverImage(clusteredIn(stackOf({ sark: { majorVersion } }), "sark"));

  it.each(majorVersions)("run PostgreSQL %s, by immutable tags", (major) => {
    expect(parseImage(server(major)).tag).toMatch(
      new RegExp(`^${major}\\.\\d+-\\d{12}-standard-trixie$`),
    );
  });

  it("have digests, except those without a second source", () => {
    const others = ["pool", "exporter", "store", "gateway", "sqlExporter"] as const;
    const all = [
      ...majorVersions.map((major) => [major, server(major)] as const),
      ...others.map((use) => [use, helperImage(use, undefined)] as const),
    ];
    const bare = all.filter(([, image]) => !parseImage(image).digest);
    expect(bare.map(([use]) => use)).toEqual([16, "pool", "exporter", "sqlExporter"]);
  });

  it("are replaced by images in the settings", () => {
    const image = `registry.example.com/postgresql:17.11@${DIGEST}`;
    const named = imagesOf({ sark: { image }, pool: { image, exporterImage: image } });
    expect(named.sark).toBe(image);
    expect(named.exporter).toBe(image);
    expect(named.store).toBe(imagesOf({}).store);
    expect(named.store).not.toBe(image);
  });
});

it.each([
  [{}, ["sark", "sark_audit", "pool", "exporter", "store"]],
  [{ monitoring: { enabled: false } }, ["sark", "sark_audit", "pool", "store"]],
  [{ maintenance: { enabled: false } }, ["sark", "sark_audit", "pool", "exporter"]],
  [{ pool: { enabled: false } }, ["sark", "sark_audit", "store"]],
  [{ sark: { home: "aws" } }, ["sark", "sark_audit", "pool", "exporter", "store"]],
  [{ sark: { home: "aws" }, maintenance: { enabled: false } }, ["sark_audit", "pool", "exporter"]],
  [
    { sark: { home: "aws" }, route: "port-forward", pool: { enabled: false } },
    ["sark", "sark_audit", "gateway", "store"],
  ],
  [
    {
      sark: { home: "aws", tunnel: { host: "127.0.0.1", port: 5555 } },
      route: "port-forward",
      pool: { enabled: false },
    },
    ["sark", "sark_audit", "store"],
  ],
  [{ sark: { home: "local" }, audit: { home: "local" } }, []],
])("a stack with %j uses the images %j", (changes, uses) => {
  expect(Object.keys(imagesOf(changes))).toEqual(uses);
});
