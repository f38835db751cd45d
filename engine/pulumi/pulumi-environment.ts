import { DEFAULT_STACK } from "../names";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { hasCode, readIfThere } from "../../components/files/files";
import type { StackRef } from "../engine";
import { ownStateFolder, passphraseFile } from "./pulumi-state";

/** The place of a stack's state. `own`: in this checkout, since the user chose no other backend. */
export interface Backend {
  readonly own: boolean;
  readonly url: string;
}

/** The folder in which the CLI keeps plugins and log-ins. */
export function pulumiHome(env: Readonly<NodeJS.ProcessEnv>): string {
  return env["PULUMI_HOME"] ?? path.join(env["HOME"] ?? os.homedir(), ".pulumi");
}

/**
 * Finds the backend, in the CLI's own order: PULUMI_BACKEND_URL, `backend` in Pulumi.yaml, the last `pulumi login`, an
 * access token for Pulumi Cloud. Without any of them, a folder of this checkout.
 */
export function findBackend(root: string, env: Readonly<NodeJS.ProcessEnv>): Backend {
  const named =
    nonEmpty(env["PULUMI_BACKEND_URL"]) ??
    projectBackend(root) ??
    loggedInTo(env) ??
    (nonEmpty(env["PULUMI_ACCESS_TOKEN"]) && "https://api.pulumi.com");
  if (named !== undefined) return { own: false, url: named };
  return { own: true, url: pathToFileURL(ownStateFolder(root)).href };
}

/** True for Pulumi Cloud, which encrypts secrets itself; other backends need a passphrase or a key service. */
export function isCloud(backend: Backend): boolean {
  return /^https?:/.test(backend.url);
}

function projectBackend(root: string): string | undefined {
  const text = readIfThere(path.join(root, "Pulumi.yaml")) ?? "";
  if (!/^backend:/m.test(text)) return undefined;
  const { backend } = parse(text) as { readonly backend: { readonly url?: unknown } | null };
  return nonEmpty(backend?.url);
}

function loggedInTo(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  try {
    const text = fs.readFileSync(path.join(pulumiHome(env), "credentials.json"), "utf8");
    return nonEmpty((JSON.parse(text) as { readonly current?: unknown }).current);
  } catch {
    // Without a log-in there is no file. The CLI itself reports a damaged one.
    return undefined;
  }
}

/**
 * The CLI's environment: the user's own, and the backend. The stack `local` in our own backend also gets a passphrase,
 * which is generated once and kept beside the state. For other stacks the user sets the passphrase.
 */
export function pulumiEnvironment(
  ref: StackRef,
  backend: Backend,
  env: Readonly<NodeJS.ProcessEnv>,
): NodeJS.ProcessEnv {
  const result: NodeJS.ProcessEnv = {
    ...env,
    SARK_ROOT: ref.root,
    PULUMI_BACKEND_URL: backend.url,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Gives `preview` the flag --event-log; Pulumi's Automation API relies on it in the same way.
    PULUMI_DEBUG_COMMANDS: "true",
  };
  delete result["PULUMI_ENABLE_STREAMING_JSON_PREVIEW"];
  if (backend.own) fs.mkdirSync(ownStateFolder(ref.root), { recursive: true, mode: 0o700 });
  if (ref.stack === DEFAULT_STACK && backend.own) {
    // The CLI prefers the variable to the file, and the variable may be meant for another stack.
    delete result["PULUMI_CONFIG_PASSPHRASE"];
    result["PULUMI_CONFIG_PASSPHRASE_FILE"] = ensurePassphrase(ref.root);
  }
  return result;
}

function ensurePassphrase(root: string): string {
  const file = passphraseFile(root);
  try {
    fs.writeFileSync(file, `${randomBytes(32).toString("base64url")}\n`, {
      mode: 0o600,
      flag: "wx",
    });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  return file;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
