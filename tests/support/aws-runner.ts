/** Makes the previews of {@link previewAll} in a separate process. */
import * as fs from "node:fs";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { EmbeddedEngine } from "../../engine/embedded/embedded-engine";
import { placeholders } from "../../engine/embedded/lookups";
import type { Lookup } from "../../engine/embedded/monitor";
import { Monitor } from "../../engine/embedded/monitor";
import { type Registration, readRegistration } from "../../engine/embedded/registration";
import { shortName } from "../../engine/names";
import { type WireObject, secret } from "../../engine/wire";
import type { Progress } from "../../engine/engine";
import type { Preview, Previewed } from "./aws-program";
import { type FakeNetwork, askNetwork } from "./fake-network";

const PROJECT = "sark-databases";

const silent: Progress = {
  started: () => undefined,
  finished: () => undefined,
  failed: () => undefined,
  message: () => undefined,
};

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Merges the fields of the second object over those of the first; null removes one. */
function merged(base: Tree, changes: Readonly<Tree>): Tree {
  const result = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const old = result[key];
    if (value === null) Reflect.deleteProperty(result, key);
    else result[key] = isTree(value) ? merged(isTree(old) ? old : {}, value) : value;
  }
  return result;
}

/** Records the registrations during a plan, and sets the answers of the engine. */
class Listener {
  registrations: Registration[] = [];

  constructor(stack: string, canary: string | undefined) {
    // oxlint-disable-next-line typescript/unbound-method -- it is called with the monitor that it was taken from
    const own = Monitor.prototype.registerResource;
    const { registrations } = this;
    Monitor.prototype.registerResource = async function (request, callback) {
      const registration = readRegistration({ project: PROJECT, stack }, request);
      registrations.push(registration);
      await own.call(this, request, (error: unknown, response: unknown) => {
        const made =
          canary !== undefined &&
          registration.type === "random:index/randomPassword:RandomPassword";
        callback(error, made ? withResult(response, `${canary}${registration.name}`) : response);
      });
    };
    this.stop = () => {
      Monitor.prototype.registerResource = own;
    };
  }

  readonly stop: () => void;
}

/** The answer with a password, wrapped as a provider wraps a secret. */
function withResult(response: unknown, password: string): unknown {
  const answer = response as { getObject: () => { toJavaScript: () => WireObject } };
  const object = answer.getObject().toJavaScript();
  const made = { ...object, result: secret(password) };
  return { ...answer, getObject: () => ({ toJavaScript: () => made }) };
}

const having =
  (network: FakeNetwork): Lookup =>
  (token, inputs) => ({
    result: askNetwork(network, { token, inputs: { ...inputs } }),
    unchecked: "nothing",
  });

async function preview(root: string, settings: Preview): Promise<Previewed> {
  const { stack = "prod", changes = {}, network, canary, settle } = settings;
  const file = path.join(root, `Pulumi.${stack}.yaml`);
  const text = fs.readFileSync(file, "utf8");
  const document = parse(text) as { config: Tree };
  const prefixed = Object.entries(changes).map(
    ([key, value]) => [`${PROJECT}:${key}`, value] as const,
  );
  fs.writeFileSync(
    file,
    stringify({ ...document, config: merged(document.config, Object.fromEntries(prefixed)) }),
  );
  const engine = new EmbeddedEngine({
    program: (folder) => path.join(folder, ".sark", "build", "program.js"),
    lookup: network ? having(network) : placeholders(),
  });
  const listener = new Listener(stack, canary);
  const run = async (): Promise<Pick<Previewed, "plan" | "error">> => {
    listener.registrations.length = 0;
    try {
      return { plan: await engine.preview({ root, stack }, silent), error: "" };
    } catch (thrown) {
      return { error: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  };
  try {
    let result = await run();
    // A value that one preview does not know yet, such as a key's ARN, is in the state for the next one.
    for (let turn = 0; settle && turn < MAX_PREVIEWS && hasChanges(result); turn++) {
      remember(root, stack, listener.registrations);
      result = await run();
    }
    const asked = listener.registrations.map(({ type, name, inputs }) => ({ type, name, inputs }));
    return { ...result, asked };
  } finally {
    listener.stop();
    fs.writeFileSync(file, text);
  }
}

/** Maximum number of previews: chains of dependent resources are not longer. */
const MAX_PREVIEWS = 8;

function hasChanges({ plan }: Pick<Previewed, "plan">): boolean {
  return plan?.resources.some(({ op }) => op !== "same") === true;
}

/** Writes a state in which all resources exist, with the outputs that AWS would return. */
function remember(root: string, stack: string, registrations: readonly Registration[]): void {
  const folder = path.join(root, ".sark", "state", "embedded");
  fs.mkdirSync(folder, { recursive: true });
  const resources = registrations.map((each, index) => {
    const { urn, type, custom, inputs, parent, provider, propertyDependencies } = each;
    const id = custom ? `id-${shortName(urn)}` : "";
    const made = custom
      ? {
          arn: `arn:aws:made:eu-central-1:111122223333:${id}`,
          keyId: id,
          address: `${id}.example`,
          name: id,
          hex: "0a",
          resourceId: `db-${id}`,
          result: id,
        }
      : {};
    return {
      ...{
        serial: index + 1,
        urn,
        type,
        custom,
        id,
        inputs,
        outputs: { ...made, ...inputs, id },
        parent,
        provider,
      },
      ...{ dependencies: each.dependencies, propertyDependencies, protect: each.protect },
      ...{ retainOnDelete: each.retainOnDelete, deletedWith: each.deletedWith },
    };
  });
  const document = { version: 1, project: PROJECT, stack, resources };
  fs.writeFileSync(path.join(folder, `${stack}.json`), JSON.stringify(document));
}

async function main([root = "", asked = "", answered = ""]: readonly string[]): Promise<void> {
  const previews = JSON.parse(fs.readFileSync(asked, "utf8")) as readonly Preview[];
  const results: Previewed[] = [];
  for (const each of previews) results.push(await preview(root, each));
  fs.writeFileSync(answered, JSON.stringify(results));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
