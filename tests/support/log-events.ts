/** Events of statements and logins, each with a value that no log may contain. */
import { pipeline } from "node:stream/promises";
import { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { passwordVerifier } from "../../components/roles/plan/scram";
import { sqlStateOf } from "./expect-sql";
import type { TestServer } from "../../scratch/migrated";

/** Triggers an event with a value. @returns its SQLSTATE, or "ok" */
export type TriggerEvent = (canary: string) => Promise<string>;

/** Events by description. */
export function logEvents(server: TestServer): Readonly<Record<string, TriggerEvent>> {
  const run = async (statement: string, value: string): Promise<string> => {
    const app = await server.connect("sark_app_a");
    return sqlStateOf(app.query(statement, [value]));
  };
  return {
    "a slow statement": (canary) => run("select pg_sleep(1.1), $1::text", canary),
    "a duplicate": async (canary) => {
      await run("insert into users (username, email) values ($1, $1 || '@example.com')", canary);
      return run("insert into users (username, email) values ($1, $1 || '@example.org')", canary);
    },
    "a row that a check refuses": (canary) =>
      run(
        "insert into users (username, email, password_hash) values ('c', 'c@example.com', $1)",
        canary,
      ),
    "a row without a required value": (canary) =>
      run("insert into users (username, email) values ($1, null)", canary),
    "a reference to a missing row": (canary) =>
      run(
        `insert into sessions (user_id, access_token_jti, refresh_token_hash, expires_at)
       values (md5($1)::uuid, $1, encode(sha256($1::bytea), 'hex'), now())`,
        canary,
      ),
    "invalid JSON": (canary) => run("select $1::text::jsonb", `{"${canary}": no}`),
    "a line that cannot be copied": async (canary) => {
      const app = await server.connect("sark_app_a");
      const copy = app.query(copyFrom("copy servers (name, endpoint) from stdin"));
      return sqlStateOf(pipeline([`${canary}\tx@example.com\t${canary}\n`], copy));
    },
    "a lock that is waited for": async (canary) => {
      const [first, second] = [
        await server.connect("sark_app_a"),
        await server.connect("sark_app_a"),
      ];
      const take = "select allowed from take_rate_limit($1, 9)";
      await first.query("begin");
      await first.query(take, [canary]);
      await second.query("set statement_timeout = '1300ms'");
      const result = await sqlStateOf(second.query(take, [canary]));
      await first.query("rollback");
      return result;
    },
    "a deadlock": async (canary) => {
      const [first, second] = [
        await server.connect("sark_app_a"),
        await server.connect("sark_app_a"),
      ];
      const rolledBack = (client: typeof first) => async (result: string) => {
        await client.query("rollback");
        return result;
      };
      const take = "select allowed from take_rate_limit($1, 9)";
      await first.query("begin");
      await second.query("begin");
      await first.query(take, [`${canary} 1`]);
      await second.query(take, [`${canary} 2`]);
      const results = await Promise.all([
        sqlStateOf(first.query(take, [`${canary} 2`])).then(rolledBack(first)),
        sqlStateOf(second.query(take, [`${canary} 1`])).then(rolledBack(second)),
      ]);
      return results.find((result) => result !== "ok") ?? "ok";
    },
    "a sort that spills": (canary) =>
      run(
        "select count(*) from (select $1 || n as text from generate_series(1, 300000) as n order by 1 offset 0) as sorted",
        canary,
      ),
    "a password that the layer sets": async (canary) => {
      const verifier = passwordVerifier("sark_readonly_a", canary);
      const admin = await server.connect("postgres");
      return sqlStateOf(admin.query(`alter role sark_readonly_a password '${verifier}'`));
    },
    "a password that is wrong": async (canary) => {
      const { port } = server;
      const login = { host: "127.0.0.1", port, user: "sark_app_a", database: "sark" };
      return sqlStateOf(new Client({ ...login, password: canary }).connect());
    },
  };
}

/** SQLSTATEs of the events that fail. */
export const EVENT_CODES: Readonly<Record<string, string>> = {
  "a duplicate": "23505",
  "a row that a check refuses": "23514",
  "a row without a required value": "23502",
  "a reference to a missing row": "23503",
  "invalid JSON": "22P02",
  "a line that cannot be copied": "22P04",
  "a lock that is waited for": "57014",
  "a deadlock": "40P01",
  "a password that is wrong": "28P01",
};
