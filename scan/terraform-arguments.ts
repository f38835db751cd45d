import table from "./terraform-arguments.json";

/** The names of a block's arguments in Pulumi and in Terraform. */
interface Block {
  /** Terraform arguments that differ only in case: `db_name` is `dbName`. */
  readonly same: string;
  /** Terraform arguments with another name, by Pulumi name. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Nested blocks, by Pulumi name. */
  readonly blocks?: Readonly<Record<string, Block>>;
}

interface Resource extends Block {
  readonly terraform: string;
}

/**
 * Arguments that this project sets, by Pulumi type. The names are those of @pulumi/aws 7 and of Terraform's AWS
 * provider 6, on which it is based; each was verified in both.
 */
export const RESOURCES: Readonly<Record<string, Resource>> = table;

/** A resource's type in Terraform. @throws Error for a type that {@link RESOURCES} lacks, so that none is skipped */
export function terraformType(type: string): string {
  return resource(type).terraform;
}

/**
 * A resource's inputs by Terraform names. Keys inside a map, such as tags, are unchanged.
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
