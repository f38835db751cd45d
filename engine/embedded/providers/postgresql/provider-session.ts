import { type Client, escapeIdentifier as ident, type QueryResultRow } from "pg";

/** A connection during one step, with catalogue queries that several resource types need. */
export class DatabaseSession {
  constructor(
    private readonly client: Client,
    /** The role that this connection acts as. */
    readonly role: string,
    readonly database: string,
  ) {}

  async run(sql: string, values: readonly unknown[] = []): Promise<void> {
    await this.client.query(sql, [...values]);
  }

  async rows<Row extends QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return (await this.client.query<Row>(sql, [...values])).rows;
  }

  async exists(sql: string, values: readonly unknown[]): Promise<boolean> {
    return (await this.rows(sql, values)).length > 0;
  }

  roleExists(name: string): Promise<boolean> {
    return this.exists("select from pg_catalog.pg_roles where rolname = $1", [name]);
  }

  async transaction(work: () => Promise<void>): Promise<void> {
    await this.run("begin");
    try {
      await work();
      await this.run("commit");
    } catch (error) {
      // The first error is the one to show.
      await this.run("rollback").catch(() => undefined);
      throw error;
    }
  }

  /**
   * Runs `work` as a member of `owners`, whose objects it changes. A superuser needs no membership. Another user is made
   * a member for that time; a membership in the opposite direction, which would prevent this, is revoked for that time.
   */
  async asMemberOf(owners: readonly string[], work: () => Promise<void>): Promise<void> {
    if (owners.length === 0 || (await this.#isSuperuser(this.role))) return work();
    const revoked: string[] = [];
    const granted: string[] = [];
    for (const owner of new Set(owners)) {
      if (owner === this.role || (await this.#isSuperuser(owner))) continue;
      if (await this.#isMember(this.role, owner)) {
        await this.run(`revoke ${ident(this.role)} from ${ident(owner)}`);
        revoked.push(owner);
      }
      if (!(await this.#isMember(owner, this.role))) {
        await this.run(`grant ${ident(owner)} to ${ident(this.role)}`);
        granted.push(owner);
      }
    }
    await work();
    for (const owner of granted) {
      if (await this.#isMember(owner, this.role)) {
        await this.run(`revoke ${ident(owner)} from ${ident(this.role)}`);
      }
    }
    for (const owner of revoked) {
      if (await this.roleExists(owner)) {
        await this.run(`grant ${ident(this.role)} to ${ident(owner)}`);
      }
    }
  }

  #isSuperuser(role: string): Promise<boolean> {
    return this.exists("select from pg_catalog.pg_roles where rolname = $1 and rolsuper", [role]);
  }

  /** Whether `member` may SET ROLE to `role`; before PostgreSQL 16 every member may. */
  #isMember(role: string, member: string): Promise<boolean> {
    return this.exists(
      `select from pg_catalog.pg_auth_members m
       where m.roleid = (select oid from pg_catalog.pg_roles where rolname = $1)
         and m.member = (select oid from pg_catalog.pg_roles where rolname = $2)
         and coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)`,
      [role, member],
    );
  }
}
