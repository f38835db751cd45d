import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { compact } from "../../components/text/present";
import type { Timeouts } from "../engine";
import { ROOT_TYPE, typeOfUrn } from "../names";
import { toWireObject, type WireObject } from "../wire";
import { parsePath } from "../wire-diff";

/** One resource as the program registers it, with all inputs that are known. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** False for components, which only exist in the state. */
  readonly custom: boolean;
  readonly parent: string;
  /** `urn::id` of the provider resource, or empty. */
  readonly provider: string;
  readonly inputs: WireObject;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** Undefined if the program leaves the choice to the provider. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceWith: readonly string[];
  readonly deletedWith: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly additionalSecretOutputs: readonly string[];
  /** Old names and types; an empty field is the same as now. */
  readonly aliases: readonly { readonly name: string; readonly type: string }[];
  readonly customTimeouts: Timeouts;
  /** Options that the program sets and this engine does not support. */
  readonly unsupported: readonly string[];
}

/** The project and stack in the names of resources. */
export interface ProjectNames {
  readonly project: string;
  readonly stack: string;
}

/** Builds a URN: the types of all parents except the stack, then the resource's own type and name. */
export function makeUrn(
  { project, stack }: ProjectNames,
  parent: string,
  type: string,
  name: string,
) {
  const parentType = parent.split("::")[2] ?? "";
  const prefix = parentType === "" || parentType === ROOT_TYPE ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** The URN in a reference to a provider, `urn::id`. */
export function providerUrn(reference: string): string {
  return reference.slice(0, Math.max(0, reference.lastIndexOf("::")));
}

/**
 * An error sentence if the resource has a provider of another package: the CLI would send it to that package's plugin,
 * which does not support it.
 */
export function providerMismatch({ type, name, provider }: Registration): string | undefined {
  const given = typeOfUrn(providerUrn(provider)).replace(/^pulumi:providers:/, "");
  const own = type.split(":")[0];
  if (given === "" || given === own || type.startsWith("pulumi:")) return undefined;
  return `${type} ${name} has a provider of the package ${given}, which only supports resources of that package.`;
}

export function readRegistration(
  names: ProjectNames,
  request: RegisterResourceRequest,
): Registration {
  const parent = request.getParent();
  const [type, name] = [request.getType(), request.getName()];
  return {
    urn: makeUrn(names, parent, type, name),
    type,
    name,
    custom: request.getCustom(),
    parent,
    provider: request.getProvider(),
    inputs: toWireObject(request.getObject()?.toJavaScript() ?? {}),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceWith: request.getReplaceWithList(),
    deletedWith: request.getDeletedwith(),
    dependencies: [...request.getDependenciesList()].sort(),
    propertyDependencies: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([key, value]) => [
        key,
        [...value.getUrnsList()].sort(),
      ]),
    ),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: request.getAliasesList().flatMap((alias) => alias.getSpec()?.toObject() ?? []),
    customTimeouts: readTimeouts(request),
    unsupported: compact(
      !request.getAliasesList().every((alias) => isOwn(alias, request)) && "aliases of this kind",
      !request.getIgnorechangesList().every(isWhole) && "ignoreChanges of a part",
      request.getImportid() !== "" && "import",
      request.getReplaceonchangesList().length > 0 && "replaceOnChanges",
      request.hasReplacementTrigger() && "replacementTrigger",
    ),
  };
}

/** Whether an alias only changes this resource's name or type. A component's alias would also rename its children. */
function isOwn(alias: Alias, request: RegisterResourceRequest): boolean {
  const spec = alias.getSpec()?.toObject();
  if (spec === undefined || !request.getCustom()) return false;
  const { noparent, parenturn, stack, project } = spec;
  const elsewhere = noparent || ![request.getParent(), ""].includes(parenturn);
  return !elsewhere && stack === "" && project === "";
}

function isWhole(key: string): boolean {
  return key !== "*" && parsePath(key).length === 1;
}

function readTimeouts(request: RegisterResourceRequest): Timeouts {
  const { create, update, pb_delete } = request.getCustomtimeouts()?.toObject() ?? {};
  return Object.fromEntries(
    Object.entries({ create, update, delete: pb_delete })
      .map(([step, text = ""]) => [step, secondsOf(text)] as const)
      .filter(([, seconds]) => seconds > 0),
  );
}

/** Seconds of a time in Go's notation, such as `1h30m`; 0 if empty. */
function secondsOf(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

/** Earlier URNs of a resource, in the order in which they are tried. */
export function aliasUrns(
  names: ProjectNames,
  {
    urn,
    parent,
    type,
    name,
    aliases,
  }: Pick<Registration, "urn" | "parent" | "type" | "name" | "aliases">,
): readonly string[] {
  const urns = aliases.map((alias) =>
    makeUrn(names, parent, alias.type || type, alias.name || name),
  );
  return [...new Set(urns)].filter((former) => former !== urn);
}
