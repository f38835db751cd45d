import table from "./terraform-arguments.json";

/** How a block is written in Pulumi and in Terraform. */
interface Block {
  /** Terraform's arguments whose names differ in their case only: `db_name` is `dbName`. */
  readonly same: string;
  /** Terraform's arguments that have another name, by Pulumi's. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** What is inside of those that are blocks, by Pulumi's name. */
  readonly blocks?: Readonly<Record<string, Block>>;
}

interface Resource extends Block {
  readonly terraform: string;
}

/**
 * Arguments that this project gives its resources, by Pulumi's type. The names are those of @pulumi/aws 7 and of
 * Terraform's AWS provider 6, which it is made from: each was found in both.
 */
export const RESOURCES: Readonly<Record<string, Resource>> = table;

/** A resource's type in Terraform. @throws Error for one that {@link RESOURCES} lacks: nothing is left out silently */
export function terraformType(type: string): string {
  return resource(type).terraform;
}

/**
 * Its inputs by Terraform's names. What is inside a map, such as tags, keeps its names.
 * @throws Error for an input that {@link RESOURCES} lacks
 */
export function terraformArguments(
  type: string,
  inputs: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return translate(inputs, resource(type), type);
}

function resource(type: string): Resource {
  const found = RESOURCES[type];
  if (!found) throw new Error(`scan/terraform-arguments.json lacks the type ${type}`);
  return found;
}

function translate(inputs: object, block: Block, where: string): Readonly<Record<string, unknown>> {
  const names = new Map(
    block.same.split(" ").map((name): readonly [string, string] => [camelCase(name), name]),
  );
  const entries = Object.entries(inputs).map(([key, value]: [string, unknown]) => {
    const name = block.renamed?.[key] ?? names.get(key);
    if (name === undefined) throw new Error(`scan/terraform-arguments.json lacks ${where}.${key}`);
    const inner = block.blocks?.[key];
    return [name, inner ? within(value, inner, `${where}.${key}`) : value];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function within(value: unknown, block: Block, where: string): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => within(each, block, where));
  return typeof value === "object" && value !== null ? translate(value, block, where) : value;
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
