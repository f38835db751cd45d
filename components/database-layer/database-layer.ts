import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseServer } from "../homes/database-server";
import type { HypertablePlan } from "../hypertables/plan/hypertable-plan";
import type { Purpose } from "../roles/plan/logins";
import { rolePlan } from "../roles/plan/role-plan";
import { createAuthQuery } from "../pool/auth-query";
import { createGrants } from "../roles/grants";
import { createHypertables } from "../hypertables/hypertables";
import { createMigrations } from "../migrations/migrations";
import { createPublicRights } from "../roles/public-rights";
import { createRoles } from "../roles/roles";
import type { Login } from "../connections/database-connection";
import { Sequence } from "./sequence";

/** Connection timeout in seconds; a server that has just started may need some. The provider's default is 180. */
const CONNECT_TIMEOUT = 60;

/** Arguments of {@link DatabaseLayer}. */
export interface DatabaseLayerArgs {
  /** Server with its empty database. */
  readonly server: DatabaseServer;
  /** Number of password rotations. Adding one renews the idle login of each pair. */
  readonly rotation: number;
  /** Resource that rejects a rotation of a password in use. @default - none */
  readonly rotationGuard?: pulumi.Resource;
  /** Settings and warnings of hypertables. @default - none, for a database without hypertables */
  readonly hypertables?: HypertablePlan;
}

/**
 * Contents of a database: roles, extensions, privileges and schema, on the server of any home.
 *
 * Resources are created one after another: parallel changes of the same catalog rows fail with "tuple concurrently
 * updated". All are `deletedWith` the server, because `pulumi destroy` may be unable to connect to it by then.
 */
export class DatabaseLayer extends pulumi.ComponentResource {
  readonly server: DatabaseServer;
  /** Logins by purpose; of a pair, the active one. */
  readonly logins: Readonly<Record<Purpose, Login>>;
  /** Migration files, in order. */
  readonly migrations: readonly string[];
  /** Settings of hypertables; undefined without hypertables. */
  readonly hypertables: HypertablePlan | undefined;

  constructor(name: string, args: DatabaseLayerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:database:DatabaseLayer", name, {}, opts);
    const { server, rotation, rotationGuard, hypertables } = args;
    const plan = rolePlan(server.database, rotation);

    const { admin, database } = server;
    // Connects to the server itself, never to a pool: it sets session state and takes session locks.
    const provider = new postgresql.Provider(
      `${name}-provider`,
      {
        host: admin.host,
        port: admin.port,
        username: admin.user,
        password: admin.password,
        superuser: admin.superuser,
        sslmode: admin.sslMode,
        database,
        connectTimeout: CONNECT_TIMEOUT,
        // Resources are created one after another, and the embedded TimescaleDB has only one session.
        maxConnections: 1,
      },
      { parent: this },
    );
    const sequence = new Sequence(
      { parent: this, provider, ...lifetimeOptions(server) },
      server.ready ?? server.dataResource,
    );
    const { logins, verifiers } = createRoles(name, server, plan, sequence, rotationGuard);
    // Extensions that the server lacks are listed in its `limits`.
    for (const extension of plan.extensions.filter((each) => server.extensions.includes(each))) {
      const args = { name: extension, database, schema: "public" };
      sequence.next((opts) => new postgresql.Extension(`${name}-${extension}`, args, opts));
    }
    createGrants(name, plan, sequence);
    createPublicRights(name, server, plan, sequence);
    createAuthQuery(name, server, plan, verifiers, sequence);
    this.migrations = createMigrations(name, server, plan, logins.migrate, sequence);
    if (hypertables) {
      createHypertables(name, server, plan, logins.migrate, hypertables, sequence);
    }

    this.hypertables = hypertables;
    this.server = server;
    this.logins = logins;
    this.registerOutputs({ migrations: this.migrations });
  }
}

function lifetimeOptions({
  dataResource,
  restoredFromBackup,
}: DatabaseServer): pulumi.CustomResourceOptions {
  if (!dataResource) return { retainOnDelete: true };
  if (restoredFromBackup) return { deletedWith: dataResource };
  return { deletedWith: dataResource, replaceWith: [dataResource], deleteBeforeReplace: true };
}
