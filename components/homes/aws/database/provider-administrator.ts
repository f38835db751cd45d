import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { Client } from "pg";
import { withClient } from "../../../connections/provider-connection";
import { closeDatabasesSql } from "../../../roles/plan/public-rights-plan";
import { readMasterLogin } from "./read-master-login";

export interface AdministratorInputs {
  /** Loopback address that leads to the server. */
  readonly host: string;
  readonly port: number;
  /** The server behind it. */
  readonly server: string;
  /** Its name. */
  readonly identifier: string;
  /** Name of the server that its generation was made with: another one where a replica was promoted. */
  readonly primary: string;
  /** Number of that generation, from 1. */
  readonly generation: number;
  /** Region of the secret. */
  readonly region: string;
  /** ARN of the secret with the master's login. */
  readonly masterSecret: string;
  /** Made if it is not there. */
  readonly database: string;
  readonly majorVersion: number;
  /** Databases that nobody but their owner, the master, may connect to. */
  readonly closed: readonly string[];
  /** The administrator. */
  readonly user: string;
  /** SCRAM verifier of the administrator's password. */
  readonly verifier: string;
}

type Provider = pulumi.dynamic.ResourceProvider<AdministratorInputs, AdministratorInputs>;

/** What the administrator is; where it is reached is not. */
const INPUTS = [
  "server",
  "region",
  "masterSecret",
  "database",
  "closed",
  "user",
  "verifier",
] as const;

/** Database that every server on RDS has. */
const FIRST = "postgres";

export const administratorProvider = {
  /** A preview refuses what would only fail half-way, with PgBouncer on a server that others' writes never reached. */
  check(olds: Partial<AdministratorInputs>, news) {
    const failures = [
      ...(leavesPromoted(olds, news)
        ? [{ property: "identifier", reason: notBack(String(olds.identifier), news.identifier) }]
        : []),
      ...(olds.generation !== undefined && news.generation < olds.generation
        ? [{ property: "generation", reason: notEarlier(olds.generation, news) }]
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

/** From a promoted replica only another generation leads on: what else there is has not had its writes. */
function leavesPromoted(
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

/** An earlier generation would be a new server by an old name, empty, with roles that the state believes to be in it. */
function notEarlier(
  present: number,
  { generation, primary }: Pick<AdministratorInputs, "generation" | "primary">,
): string {
  return (
    `sark-databases:sark.recovery.generation: got ${generation === 1 ? "nothing" : generation}; allowed: ${present}, the ` +
    `present one, or the next; ${primary} would be made anew, empty: what is restored is another generation, and ` +
    "`from` says which one's backup it is made from"
  );
}

function notBack(from: string, to: string): string {
  return (
    `sark-databases:sark.rds.promoted: got a setting that leads from ${from} to ${to}; allowed: what made ${from} the ` +
    "primary, or the next recovery.generation, from a snapshot of it (rds.snapshot); a promoted replica follows no " +
    "more, and the other servers lack what was written since"
  );
}

async function install(inputs: AdministratorInputs): Promise<void> {
  const { host, port, server, region, masterSecret, database } = inputs;
  const master = await readMasterLogin(region, masterSecret);
  const asMaster = <T>(into: string, work: (client: Client) => Promise<T>): Promise<T> =>
    withClient({ ...master, host, port, server, database: into, sslMode: "disable" }, work);
  await asMaster(FIRST, async (client) => {
    await makeLogin(client, inputs);
    await makeDatabase(client, inputs);
  });
  await asMaster(database, (client) => makeExtension(client));
  await asMaster(FIRST, async (client) => {
    await client.query(closeDatabasesSql(inputs.closed));
    await letGo(client, inputs);
  });
}

async function makeLogin(client: Client, { user, verifier }: AdministratorInputs): Promise<void> {
  const name = client.escapeIdentifier(user);
  const { rows } = await client.query("select from pg_roles where rolname = $1", [user]);
  if (rows.length === 0) await client.query(`create role ${name}`);
  await client.query(
    `alter role ${name} login createrole password ${client.escapeLiteral(verifier)}`,
  );
  // To hand on to the logins of the monitoring and the maintenance, not to use.
  await client.query(
    `grant pg_monitor, pg_signal_backend to ${name} with admin true, inherit false, set false`,
  );
  // Who gives a database away has to be able to become its owner, and who adds to it to act as the owner.
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

/** The order of text is the code points', as on Kubernetes: no update of the operating system changes it. */
function localeOf(majorVersion: number): string {
  const libc = "lc_collate 'C' lc_ctype 'C'";
  return majorVersion < 17 ? libc : `locale_provider builtin builtin_locale 'C.UTF-8' ${libc}`;
}

/** The one extension of the role plan that is not trusted. */
async function makeExtension(client: Client): Promise<void> {
  await client.query("create extension if not exists pg_stat_statements with schema public");
}

/** The master keeps nothing of what it needed to make the database. */
async function letGo(client: Client, { user }: AdministratorInputs): Promise<void> {
  await client.query(`revoke ${client.escapeIdentifier(user)} from current_user`);
}
