import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { Client } from "pg";
import { withClient } from "../../../connections/provider-connection";
import { revokeDatabasesSql } from "../../../roles/plan/public-rights-plan";
import { readMasterLogin } from "./read-master-login";

export interface AdministratorInputs {
  /** Loopback address of the relay to the server. */
  readonly host: string;
  readonly port: number;
  /** Host name of the server. */
  readonly server: string;
  /** Identifier of the server. */
  readonly identifier: string;
  /** Identifier of the primary of its generation; differs after a promotion. */
  readonly primary: string;
  /** Generation, from 1. */
  readonly generation: number;
  /** Region of the secret. */
  readonly region: string;
  /** ARN of the secret with the master user's login. */
  readonly masterSecret: string;
  /** Database to create if it does not exist. */
  readonly database: string;
  readonly majorVersion: number;
  /** Databases that only their owner, the master user, may connect to. */
  readonly closed: readonly string[];
  /** Name of the administrator. */
  readonly user: string;
  /** SCRAM verifier of the administrator's password. */
  readonly verifier: string;
}

type Provider = pulumi.dynamic.ResourceProvider<AdministratorInputs, AdministratorInputs>;

/** Inputs whose change updates the administrator. The relay's address is not one. */
const INPUTS = [
  "server",
  "region",
  "masterSecret",
  "database",
  "closed",
  "user",
  "verifier",
] as const;

/** Database that every RDS server has. */
const DEFAULT_DATABASE = "postgres";

export const administratorProvider = {
  /**
   * Refuses going back from a promotion or recovery in the preview; otherwise PgBouncer could end up on a stale server.
   */
  check(olds: Partial<AdministratorInputs>, news) {
    const failures = [
      ...(leavesPromotedReplica(olds, news)
        ? [
            {
              property: "identifier",
              reason: promotionReversal(String(olds.identifier), news.identifier),
            },
          ]
        : []),
      ...(olds.generation !== undefined && news.generation < olds.generation
        ? [{ property: "generation", reason: earlierGeneration(olds.generation, news) }]
        : []),
    ];
    return Promise.resolve({ inputs: news, failures });
  },

  diff(_id, olds, news) {
    const changes = INPUTS.some((name) => !isDeepStrictEqual(olds[name], news[name]));
    return Promise.resolve({ changes });
  },

  async create(inputs) {
    await install(inputs);
    return { id: `${inputs.database}/${inputs.user}`, outs: inputs };
  },

  async update(_id, _olds, news) {
    await install(news);
    return { outs: news };
  },

  delete: () => Promise.resolve(),
} satisfies Provider;

/** Whether a change leaves a promoted replica within its generation: no other server of it has the replica's writes. */
function leavesPromotedReplica(
  { identifier, primary }: Partial<AdministratorInputs>,
  news: AdministratorInputs,
): boolean {
  return (
    identifier !== undefined &&
    identifier !== primary &&
    primary === news.primary &&
    identifier !== news.identifier
  );
}

/**
 * Reason for refusing an earlier generation: it would be a new, empty server with an old name, without the state's
 * roles.
 */
function earlierGeneration(
  current: number,
  { generation, primary }: Pick<AdministratorInputs, "generation" | "primary">,
): string {
  return (
    `sark-databases:sark.recovery.generation: got ${generation === 1 ? "nothing" : generation}; allowed: ${current} ` +
    `(the current one) or the next; ${primary} would be recreated, empty. To restore, use the next generation, ` +
    "with `from` for the generation whose backup it restores"
  );
}

function promotionReversal(from: string, to: string): string {
  return (
    `sark-databases:sark.rds.promoted: got a change of primary from ${from} to ${to}; allowed: the setting that promoted ` +
    `${from}, or the next recovery.generation from a snapshot of it (rds.snapshot); a promoted replica no longer ` +
    "replicates, and the other servers lack its writes"
  );
}

async function install(inputs: AdministratorInputs): Promise<void> {
  const { host, port, server, region, masterSecret, database } = inputs;
  const master = await readMasterLogin(region, masterSecret);
  const asMaster = <T>(into: string, work: (client: Client) => Promise<T>): Promise<T> =>
    withClient({ ...master, host, port, server, database: into, sslMode: "disable" }, work);
  await asMaster(DEFAULT_DATABASE, async (client) => {
    await makeLogin(client, inputs);
    await makeDatabase(client, inputs);
  });
  await asMaster(database, (client) => makeExtension(client));
  await asMaster(DEFAULT_DATABASE, async (client) => {
    await client.query(revokeDatabasesSql(inputs.closed));
    await revokeMembership(client, inputs);
  });
}

async function makeLogin(client: Client, { user, verifier }: AdministratorInputs): Promise<void> {
  const name = client.escapeIdentifier(user);
  const { rows } = await client.query("select from pg_roles where rolname = $1", [user]);
  if (rows.length === 0) await client.query(`create role ${name}`);
  await client.query(
    `alter role ${name} login createrole password ${client.escapeLiteral(verifier)}`,
  );
  // The administrator may grant these to the monitoring and maintenance logins, not use them.
  await client.query(
    `grant pg_monitor, pg_signal_backend to ${name} with admin true, inherit false, set false`,
  );
  // The master must be able to SET ROLE to the new owner, and inherit its rights to create the extension.
  await client.query(`grant ${name} to current_user with inherit true, set true`);
}

async function makeDatabase(
  client: Client,
  { database, user, majorVersion }: AdministratorInputs,
): Promise<void> {
  const name = client.escapeIdentifier(database);
  const owner = client.escapeIdentifier(user);
  const { rows } = await client.query<{ owner: string }>(
    "select pg_get_userbyid(datdba) as owner from pg_database where datname = $1",
    [database],
  );
  const [found] = rows;
  if (found === undefined) {
    await client.query(
      `create database ${name} owner ${owner} template template0 encoding 'UTF8' ${localeOf(majorVersion)}`,
    );
  } else if (found.owner !== user) {
    await client.query(`alter database ${name} owner to ${owner}`);
  }
}

/** Locale that sorts text by code point, as on Kubernetes: no operating system update changes the order. */
function localeOf(majorVersion: number): string {
  const libc = "lc_collate 'C' lc_ctype 'C'";
  return majorVersion < 17 ? libc : `locale_provider builtin builtin_locale 'C.UTF-8' ${libc}`;
}

/** Creates the one extension of the role plan that is not trusted. */
async function makeExtension(client: Client): Promise<void> {
  await client.query("create extension if not exists pg_stat_statements with schema public");
}

/** Revokes the master's membership in the administrator, which it needed to create the database. */
async function revokeMembership(client: Client, { user }: AdministratorInputs): Promise<void> {
  await client.query(`revoke ${client.escapeIdentifier(user)} from current_user`);
}
