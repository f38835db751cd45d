import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { ACCEPTED_ON_KUBERNETES } from "../../scan/accepted-findings";
import { type Finding, matchesAccepted } from "../../scan/scan-findings";
import type { KubernetesObject } from "../../scan/objects";
import { applyAccepted } from "../../lint/findings";
import { repositoryFindings } from "../../scan/checkov";
import { scan, writeManifests } from "../../scan/scanners";
import { schemaFindings } from "../../scan/schemas";
import { type Tools, installTools } from "../../scan/tools";
import { VARIANTS, plannedObjects } from "../support/planned-objects";
import { scannersAreHere } from "../support/installed-scanners";

/** Installing the scanners takes a minute or two, once. */
jest.setTimeout(900_000);

const root = path.resolve(__dirname, "..", "..");

(scannersAreHere() ? describe : describe.skip)("the scan of a stack on Kubernetes", () => {
  const objects = new Map<string, readonly KubernetesObject[]>();
  const found: Finding[] = [];
  let folder: string;
  let tools: Tools;

  beforeAll(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "sark-scan-"));
    tools = installTools(root, () => undefined);
    for (const [name, { changes, stack }] of Object.entries(VARIANTS)) {
      objects.set(name, await plannedObjects(changes, stack));
    }
  });
  afterAll(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it.each(Object.keys(VARIANTS))("passes every schema and scanner: %s", (name) => {
    const findings = scan(objects.get(name) ?? [], tools, path.join(folder, "scan"));
    found.push(...findings);
    expect(applyAccepted(findings, ACCEPTED_ON_KUBERNETES, matchesAccepted).findings).toEqual([]);
  });

  it("finds nothing in Dockerfiles and GitHub workflows", () => {
    expect(repositoryFindings(root, tools)).toEqual([]);
  });

  it("has no stale accepted findings", () => {
    expect(applyAccepted(found, ACCEPTED_ON_KUBERNETES, matchesAccepted).stale).toEqual([]);
  });

  it("fails for a typo in any field", () => {
    const typos = (objects.get("a protected stack with everything on") ?? []).flatMap(withTypos);
    expect(typos.length).toBeGreaterThan(500);
    const files = writeManifests(typos, path.join(folder, "typos"));
    const findings = schemaFindings(typos, files, tools, ["1.34"]);
    const refused = new Set(findings.map(({ object }) => object));
    const accepted = files.map((file) => path.basename(file, ".yaml")).filter(notIn(refused));
    expect(accepted).toEqual([]);
  });
});

const notIn = (set: ReadonlySet<string>) => (each: string) => !set.has(each);

/** Fields with free keys. */
const FREE = new Set([
  "annotations",
  "data",
  "default",
  "defaultRequest",
  "hard",
  "labels",
  "limits",
  "matchLabels",
  "max",
  "min",
  "nodeSelector",
  "parameters",
  "requests",
  "stringData",
]);

/** Copies of an object, each with one misspelt field. */
function withTypos(object: KubernetesObject): readonly KubernetesObject[] {
  const free = object.kind === "Service" ? new Set([...FREE, "selector"]) : FREE;
  return pathsOf(object, free).map((where) => {
    const copy = structuredClone(object) as unknown as Record<string, unknown>;
    const field = where.at(-1) ?? "";
    const parent = where.slice(0, -1).reduce<unknown>(child, copy) as Record<string, unknown>;
    parent[`${field}x`] = parent[field];
    Reflect.deleteProperty(parent, field);
    return copy as unknown as KubernetesObject;
  });
}

const child = (parent: unknown, key: string) => (parent as Record<string, unknown>)[key];

/** Paths of the fields that an object's schema names, without kind, version and name, which identify it. */
function pathsOf(
  value: unknown,
  free: ReadonlySet<string>,
  above: readonly string[] = [],
): readonly (readonly string[])[] {
  if (Array.isArray(value)) {
    return value.flatMap((each, index) => pathsOf(each, free, [...above, String(index)]));
  }
  if (typeof value !== "object" || value === null || free.has(above.at(-1) ?? "")) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const where = [...above, key];
    const identity = where.length === 1 && ["apiVersion", "kind", "metadata"].includes(key);
    return [...(identity || isName(where) ? [] : [where]), ...pathsOf(inner, free, where)];
  });
}

const isName = (where: readonly string[]) => where.join(".") === "metadata.name";
