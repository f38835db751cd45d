import * as pulumi from "@pulumi/pulumi";

/** The providers of this project's own resources; `components/resources/providers.ts` maps each to its code. */
export type ProviderKind =
  | "local:PostgresServer"
  | "local:PostgresReplica"
  | "local:TimescaleServer"
  | "local:PgBouncer"
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
 * What the state holds of a provider: how to find its code in the checkout, not the code. Pulumi's usual way
 * stores a serialised closure, so that each edit of a provider, and each other version of Node, is a change of
 * every resource. The walk upwards makes it independent of the folder that the CLI starts providers in.
 */
function loader(kind: ProviderKind): string {
  return [
    `const fs = require("fs"), path = require("path");`,
    `let root = process.env.SARK_ROOT || process.cwd();`,
    `while (!fs.existsSync(path.join(root, "Pulumi.yaml")) && path.dirname(root) !== root) root = path.dirname(root);`,
    `exports.handler = () => require(path.join(root, "engine", "providers.js")).provider(${JSON.stringify(kind)});`,
  ].join("\n");
}

/** Resource whose create, update and delete are this project's own code, run by Pulumi's dynamic provider. */
export class DynamicResource extends pulumi.CustomResource {
  constructor(
    kind: ProviderKind,
    name: string,
    inputs: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const [module, type] = kind.split(":");
    // Siblings may share options with a provider of their own package, which would be asked for this type in vain.
    const { provider: _, ...own } = opts ?? {};
    super(
      `pulumi-nodejs:dynamic/${String(module)}:${String(type)}`,
      name,
      { ...inputs, __provider: loader(kind) },
      own,
    );
  }
}
