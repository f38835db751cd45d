import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Timeouts } from "../engine";
import { ROOT_TYPE } from "./state";
import { toWire, toWireObject, type Wire, type WireObject } from "../wire";

/** An old name, spelled out or by what differs from the present one. */
type AliasSpec =
  | { readonly urn: string }
  | {
      readonly name: string;
      readonly type: string;
      readonly stack: string;
      readonly project: string;
      readonly parent: string;
      readonly noParent: boolean;
    };

/** What a program asks for: one resource, with all its inputs as far as they are known. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /** A component that a plugin would build; its children are not known here. */
  readonly remote: boolean;
  readonly parent: string;
  readonly provider: string;
  readonly inputs: WireObject;
  readonly importId: string;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** Undefined where the program leaves the choice to the provider. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly replaceWith: readonly string[];
  readonly replacementTrigger: Wire;
  readonly deletedWith: string;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly additionalSecretOutputs: readonly string[];
  readonly aliases: readonly AliasSpec[];
  readonly customTimeouts: Timeouts;
}

/** Where a program runs, for the names of its resources. */
export interface Names {
  readonly project: string;
  readonly stack: string;
}

/** Pulumi's name of a resource: the types of all its parents but the stack's, then its own, then its name. */
export function makeUrn({ project, stack }: Names, parent: string, type: string, name: string) {
  const parentType = parent === "" ? "" : qualifiedType(parent);
  const prefix = parentType === "" || parentType === ROOT_TYPE ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

function qualifiedType(urn: string): string {
  return urn.split("::")[2] ?? "";
}

/** The name of a resource, the last part of its URN; it may itself contain `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function typeOf(urn: string): string {
  return qualifiedType(urn).split("$").at(-1) ?? "";
}

/** The URN in a reference to a provider, `urn::id`. */
export function providerUrn(reference: string): string {
  return reference.slice(0, Math.max(0, reference.lastIndexOf("::")));
}

/**
 * A sentence, where the resource was given a provider of another package: the CLI hands it to that package's plugin, which
 * does not know it.
 */
export function foreignProvider({ type, name, provider }: Registration): string | undefined {
  const given = typeOf(providerUrn(provider)).replace(/^pulumi:providers:/, "");
  const own = type.split(":")[0];
  if (given === "" || given === own || type.startsWith("pulumi:")) return undefined;
  return `${type} ${name} is given a provider of the package ${given}, which makes resources of that package only.`;
}

export function readRegistration(names: Names, request: RegisterResourceRequest): Registration {
  const parent = request.getParent();
  const [type, name] = [request.getType(), request.getName()];
  return {
    urn: makeUrn(names, parent, type, name),
    type,
    name,
    custom: request.getCustom(),
    remote: request.getRemote(),
    parent,
    provider: request.getProvider(),
    inputs: toWireObject(request.getObject()?.toJavaScript() ?? {}),
    importId: request.getImportid(),
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    replaceWith: request.getReplaceWithList(),
    replacementTrigger: toWire(request.getReplacementTrigger()?.toJavaScript()),
    deletedWith: request.getDeletedwith(),
    dependencies: [...request.getDependenciesList()].sort(),
    propertyDependencies: Object.fromEntries(
      [...request.getPropertydependenciesMap().entries()].map(([key, value]) => [
        key,
        [...value.getUrnsList()].sort(),
      ]),
    ),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: request.getAliasesList().map(readAlias),
    customTimeouts: readTimeouts(request),
  };
}

function readTimeouts(request: RegisterResourceRequest): Timeouts {
  const { create, update, pb_delete } = request.getCustomtimeouts()?.toObject() ?? {};
  return Object.fromEntries(
    Object.entries({ create, update, delete: pb_delete })
      .map(([step, text = ""]) => [step, secondsOf(text)] as const)
      .filter(([, seconds]) => seconds > 0),
  );
}

/** Seconds of a time in Go's notation, such as `1h30m`; 0 of none. */
function secondsOf(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

function readAlias(alias: Alias): AliasSpec {
  const spec = alias.getSpec();
  if (spec === undefined) return { urn: alias.getUrn() };
  return {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
}

/**
 * The URNs that a resource may have had, in the order in which they are tried: its own aliases, then those that
 * follow from an old name of its parent.
 * @param formerUrns the old names of the resource with a given URN
 */
export function aliasUrns(
  names: Names,
  registration: Registration,
  formerUrns: (urn: string) => readonly string[],
): readonly string[] {
  const { parent, type, name } = registration;
  const own = registration.aliases.flatMap((alias) => {
    if ("urn" in alias) return [alias.urn];
    const aliasParent = alias.parent === "" ? parent : alias.parent;
    const parents = alias.noParent ? [""] : [...formerUrns(aliasParent), aliasParent];
    const where = {
      project: alias.project || names.project,
      stack: alias.stack || names.stack,
    };
    return parents.map((urn) => makeUrn(where, urn, alias.type || type, alias.name || name));
  });
  const inherited = formerUrns(parent).flatMap((formerParent) =>
    [[type, name] as const, ...own.map((urn) => [typeOf(urn), nameOf(urn)] as const)].map(
      ([childType, childName]) => {
        const parentName = nameOf(parent);
        // A child is commonly called `${parent}-what`, so its old name follows the parent's.
        const oldName = childName.startsWith(parentName)
          ? nameOf(formerParent) + childName.slice(parentName.length)
          : childName;
        return makeUrn(names, formerParent, childType, oldName);
      },
    ),
  );
  return [...new Set([...own, ...inherited])].filter((urn) => urn !== registration.urn);
}
