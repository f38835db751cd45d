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

/** Seconds for a connection; a server that has just started may take some. The provider's own default is 180. */
const CONNECT_TIMEOUT = 60;

/** Arguments of {@link DatabaseLayer}. */
export interface DatabaseLayerArgs {
  /** The server, with its empty database. */
  readonly server: DatabaseServer;
  /** How often the application's passwords were changed. One more gives the idle login of each pair a new one. */
  readonly rotation: number;
  /** What refuses a rotation that changes a password in use. @default - nothing */
  readonly rotationGuard?: pulumi.Resource;
  /** What to set on hypertables, and what to warn of. @default - none, for a database that has none */
  readonly hypertables?: HypertablePlan;
}

/**
 * What is inside a database: roles, extensions, privileges and schema, on any home's server.
 *
 * Everything is made one after another: parallel changes of the same catalog rows fail with "tuple concurrently
 * updated". All of it is `deletedWith` the server, because `pulumi destroy` may have no way to reach it by then.
 */
export class DatabaseLayer extends pulumi.ComponentResource {
  readonly server: DatabaseServer;
  /** Logins by purpose; of a pair, the one whose turn it is. */
  readonly logins: Readonly<Record<Purpose, Login>>;
  /** Migration files, in order. */
  readonly migrations: readonly string[];
  /** What is set on hypertables; undefined where there are none. */
  readonly hypertables: HypertablePlan | undefined;

  constructor(name: string, args: DatabaseLayerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sark:database:DatabaseLayer", name, {}, opts);
    const { server, rotation, rotationGuard, hypertables } = args;
    const plan = rolePlan(server.database, rotation);

    const { admin, database } = server;
    // On the server's own address, never on a pool's: it sets session state and takes session locks.
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
        // The resources are made one after another; the embedded TimescaleDB has one session in all.
        maxConnections: 1,
      },
      { parent: this },
    );
    const sequence = new Sequence(
      { parent: this, provider, ...boundTo(server) },
      server.ready ?? server.lifetime,
    );
    const { logins, verifiers } = createRoles(name, server, plan, sequence, rotationGuard);
    // What the server lacks stands in its `limits`.
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

function boundTo({ lifetime, recovered }: DatabaseServer): pulumi.CustomResourceOptions {
  if (!lifetime) return { retainOnDelete: true };
  if (recovered) return { deletedWith: lifetime };
  return { deletedWith: lifetime, replaceWith: [lifetime], deleteBeforeReplace: true };
}
