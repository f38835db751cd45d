import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { type KubernetesObject, describeObject } from "../../scan/objects";
import { installTools } from "../../scan/tools";
import { ApiServer, apiServerIsHere } from "../support/api-server";
import { VARIANTS, plannedObjects } from "../support/planned-objects";

jest.setTimeout(600_000);

const root = path.resolve(__dirname, "..", "..");

// Runs only if etcd and kube-apiserver are on the PATH, because no package registry offers them.
(apiServerIsHere() ? describe : describe.skip)("a real API server", () => {
  let api: ApiServer;

  beforeAll(async () => {
    api = await ApiServer.start();
    const { definitions } = installTools(root, () => undefined);
    for (const folder of definitions) {
      for (const file of fs.readdirSync(folder).filter((each) => each.endsWith(".yaml"))) {
        const object = parse(fs.readFileSync(path.join(folder, file), "utf8")) as KubernetesObject;
        if (object.kind === "CustomResourceDefinition") await create(api, object);
      }
    }
  });
  afterAll(() => api.stop());

  it.each(Object.entries(VARIANTS))(
    "accepts every object of %s without warnings",
    async (_, { changes, stack }) => {
      const objects = await plannedObjects(changes, stack);
      expect(objects.length).toBeGreaterThan(30);
      const namespaces = objects.filter(({ kind }) => kind === "Namespace");
      for (const namespace of namespaces) await create(api, namespace);
      // The application's namespace exists before the stack.
      await create(api, { apiVersion: "v1", kind: "Namespace", metadata: { name: "sark" } });
      const refused = [];
      for (const object of objects.filter(({ kind }) => kind !== "Namespace")) {
        const answer = await create(api, object, "dryRun=All&fieldValidation=Strict");
        if (answer !== "") refused.push(`${describeObject(object)}: ${answer}`);
      }
      expect(refused).toEqual([]);
    },
  );
});

/** Creates an object. Returns the server's error or warnings; empty without any. */
async function create(api: ApiServer, object: KubernetesObject, query = ""): Promise<string> {
  const where = await pathOf(api, object);
  const { status, body, warnings } = await api.request("POST", `${where}?${query}`, object);
  if (status === 409 && query === "") return "";
  if (status >= 300) return `${status} ${String((body as { message?: string }).message)}`;
  return warnings.join("; ");
}

/** The API path for objects of a kind, from the server's discovery. New definitions take a moment to appear. */
async function pathOf(api: ApiServer, { apiVersion, kind, metadata }: KubernetesObject) {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  for (let attempt = 0; attempt < 60; attempt++) {
    const { body } = await api.request("GET", group);
    const { resources = [] } = body as { readonly resources?: readonly Resource[] };
    const found = resources.find((each) => each.kind === kind && !each.name.includes("/"));
    if (found) {
      const { namespace = "default" } = metadata;
      return `${group}${found.namespaced ? `/namespaces/${namespace}` : ""}/${found.name}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`the server does not know ${apiVersion} ${kind}`);
}

interface Resource {
  readonly kind: string;
  readonly name: string;
  readonly namespaced: boolean;
}
