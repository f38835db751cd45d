import * as pulumi from "@pulumi/pulumi";

/** Kinds of this project's own resources; `components/resources/providers.ts` maps each to its provider. */
export type ProviderKind =
  | "local:PostgresServer"
  | "local:PostgresReplica"
  | "local:TimescaleServer"
  | "local:PgBouncer"
  | "local:Monitoring"
  | "kubernetes:ClusterHealth"
  | "aws:Administrator"
  | "database:AuthQuery"
  | "database:Hypertables"
  | "database:Migrations"
  | "database:PublicRights"
  | "database:RetentionPolicies"
  | "database:RoleSettings"
  | "database:Rotation";

/**
 * Provider code in the state: it loads the code from the checkout. Pulumi's usual serialised closure would change every
 * resource on each edit of a provider and each new version of Node. Walking upwards makes it independent of the folder
 * in which the CLI starts providers.
 */
function loader(kind: ProviderKind): string {
  return [
    `const fs = require("fs"), path = require("path");`,
    `let root = process.env.SARK_ROOT || process.cwd();`,
    `while (!fs.existsSync(path.join(root, "Pulumi.yaml")) && path.dirname(root) !== root) root = path.dirname(root);`,
    `exports.handler = () => require(path.join(root, "engine", "providers.js")).provider(${JSON.stringify(kind)});`,
  ].join("\n");
}

/** Resource with create, update and delete in this project's own code, run by Pulumi's dynamic provider. */
export class DynamicResource extends pulumi.CustomResource {
  constructor(
    kind: ProviderKind,
    name: string,
    inputs: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const [module, type] = kind.split(":");
    // Shared options may contain a provider of another package, which does not know this type.
    const { provider: _, ...own } = opts ?? {};
    super(
      `pulumi-nodejs:dynamic/${String(module)}:${String(type)}`,
      name,
      { ...inputs, __provider: loader(kind) },
      own,
    );
  }
}
