import type * as pulumi from "@pulumi/pulumi";
import * as path from "node:path";
import type { DatabaseServer } from "../database-server";
import { DynamicResource } from "../dynamic-resource";
import { planFiles } from "../lib/migration-plan";
import type { RolePlan } from "../lib/role-plan";
import { projectRoot } from "../project-root";
import { connectionTo } from "./connection";
import { readTexts } from "./providers/migrations";
import type { Login } from "./roles";
import type { Sequence } from "./sequence";

/** Applies the files of `sql/<database>` that the database lacks; returns the names of all. */
export function createMigrations(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  login: Login,
  sequence: Sequence,
): readonly string[] {
  const directory = `sql/${plan.database}`;
  const files = planFiles(readTexts(path.join(projectRoot(), directory)));
  const monitor = plan.roles.filter(({ purpose }) => purpose === "monitor");
  const inputs = {
    connection: connectionTo(server, login),
    directory,
    files: Object.fromEntries(files.map((file) => [file.name, file.hash])),
    owner: plan.owner,
    ledgerReaders: monitor.map((role) => role.name),
  };
  sequence.next((opts) => new Migrations(`${name}-migrations`, inputs, opts));
  return files.map((file) => file.name);
}

/** Sets how long hypertables keep their rows; nothing where the settings leave that to the migrations. */
export function createRetention(
  name: string,
  server: DatabaseServer,
  plan: RolePlan,
  login: Login,
  ages: Readonly<Record<string, string | undefined>>,
  sequence: Sequence,
): void {
  const dropAfter = Object.fromEntries(Object.entries(ages).filter(([, age]) => age !== undefined));
  if (Object.keys(dropAfter).length === 0) return;
  const inputs = {
    connection: connectionTo(server, login),
    owner: plan.owner,
    dropAfter,
  };
  sequence.next((opts) => new RetentionPolicies(`${name}-retention`, inputs, opts));
}

/** The schema, as numbered files. A file added is applied; an applied file that was edited is refused in the preview. */
class Migrations extends DynamicResource {
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super("database:Migrations", name, inputs, opts);
  }
}

/** The age at which each hypertable's chunks are dropped. A shorter age deletes data at the next run of the job. */
class RetentionPolicies extends DynamicResource {
  constructor(name: string, inputs: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    super("database:RetentionPolicies", name, inputs, opts);
  }
}
