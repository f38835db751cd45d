/**
 * The privileges of each role in a database, as the server reports them. Source of sql/privileges.md.
 *
 * Letters are psql's: r select, a insert, w update, d delete, D truncate, x references, t trigger, m maintain, U usage,
 * C create, c connect, T temporary tables, X execute.
 */
import type { Client } from "pg";
import { PUBLIC, rolePlan, type DatabaseName } from "../../components/roles/plan/role-plan";
import { UNUSED_DATABASES } from "../../components/roles/plan/public-rights-plan";
import { table } from "./markdown-table";

const LETTERS = {
  table: "r select, a insert, w update, d delete, D truncate, x references, t trigger, m maintain",
  column: "r select, a insert, w update, x references",
  sequence: "r select, w update, U usage",
  function: "X execute",
  schema: "U usage, C create",
  database: "c connect, C create, T temporary",
} as const;

/** A column of the table. A pair of logins shares one column and must have equal privileges. */
interface Column {
  readonly title: string;
  readonly roles: readonly string[];
}

function columnsOf(database: DatabaseName): readonly Column[] {
  const roles = rolePlan(database, 1).roles.map(({ name }) => name);
  const title = (name: string): string => name.slice(database.length + 1).replace(/_[ab]$/, "");
  const titles = [...new Set(roles.map(title))];
  return [
    ...titles.map((each) => ({ title: each, roles: roles.filter((name) => title(name) === each) })),
    ...predefinedOf(database).map((name) => ({ title: name, roles: [name] })),
    { title: "PUBLIC", roles: [PUBLIC] },
  ];
}

/** PostgreSQL's predefined roles to which the plan grants privileges. */
function predefinedOf(database: DatabaseName): readonly string[] {
  const grantees = rolePlan(database, 1).grants.map(({ role }) => role);
  return [...new Set(grantees)].filter((name) => name.startsWith("pg_"));
}

/** Query of all objects: kind, name, argument of has_..._privilege, and column name. */
const OBJECTS = `
  with ours as (
    select n.oid, n.nspname from pg_namespace as n
     where n.nspname !~ '^(pg_|_?timescaledb_)' and n.nspname <> 'information_schema'
  ),
  relations as (
    select c.oid, n.nspname, c.relname, c.relkind, c.relacl,
           (select e.extname from pg_depend as d join pg_extension as e on e.oid = d.refobjid
             where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e') as extension
      from pg_class as c join ours as n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
  ),
  functions as (
    select p.oid, n.nspname, p.proname, p.prosecdef,
           (select e.extname from pg_depend as d join pg_extension as e on e.oid = d.refobjid
             where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e') as extension
      from pg_proc as p join ours as n on n.oid = p.pronamespace
  ),
  closed as (
    select p.oid, case when p.prosrc ~ '^be_lo' then 'large objects' when p.proname ~ 'advisory' then 'advisory locks'
                       else 'messages in the write-ahead log' end as what
      from pg_proc as p
      left join pg_init_privs as i on i.classoid = 'pg_proc'::regclass and i.objoid = p.oid and i.objsubid = 0
     where p.pronamespace = 'pg_catalog'::regnamespace and p.proacl is distinct from i.initprivs
  )
  select 1 as place, 'database' as kind, 'database ' || d.datname as name, d.oid, null as column, null as of
    from pg_database as d where d.datname in (current_database(), ${UNUSED_DATABASES.map((name) => `'${name}'`).join(", ")})
  union all
  select 2, 'schema', 'schema ' || o.nspname, o.oid, null, null from ours as o
  union all
  select 3, case when relkind = 'S' then 'sequence' else 'table' end,
         case when relkind = 'S' then 'sequence ' when relkind = 'v' then 'view ' else 'table ' end
           || nspname || '.' || relname, oid, null, null
    from relations where extension is null
  union all
  select 4, 'column', nspname || '.' || relname || ', column ' || a.attname, r.oid, a.attname, null
    from relations as r
    join pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
   where exists (select from pg_attribute as x where x.attrelid = r.oid and x.attacl is not null)
  union all
  select 5, 'function',
         nspname || '.' || proname || '(' || pg_get_function_identity_arguments(oid) || ')'
           || case when prosecdef then ', as its owner' else '' end, oid, null, null
    from functions where extension is null
  union all
  select 6, 'table', 'view ' || nspname || '.' || relname, oid, null, extension from relations where extension is not null
  union all
  select 7, 'function', 'function', oid, null, extension from functions where extension is not null
  union all
  select 8, 'function', 'function', oid, null, what from closed`;

interface Found {
  readonly name: string;
  readonly of: string | null;
  readonly cells: readonly string[];
}

/** The database's part of sql/privileges.md. */
export async function privilegesOf(client: Client, database: DatabaseName): Promise<string> {
  const columns = columnsOf(database);
  const found = await matrix(client, columns);
  const own = found.filter(({ of }) => of === null);
  return [
    `## \`${database}\``,
    "### Roles",
    await rolesTable(client, database),
    "### Privileges of each role",
    table(["", ...columns.map(({ title }) => title)], own.map(row)),
    "### Objects of extensions, and revoked built-in functions",
    table(["", ...columns.map(({ title }) => title)], mergeFunctions(found).map(row)),
    "### Default privileges of new objects",
    await defaultPrivileges(client),
    "### Unplanned privileges",
    await unplannedPrivileges(client, database),
  ].join("\n\n");
}

const row = ({ name, cells }: Found): string[] => [name, ...cells];

async function matrix(client: Client, columns: readonly Column[]): Promise<readonly Found[]> {
  const roles = columns.flatMap(({ roles }) => roles);
  const asked = Object.entries(LETTERS).flatMap(([kind, letters]) =>
    letters.split(", ").map((pair, place) => {
      const [letter, word] = pair.split(" ");
      return { place, kind, letter, word };
    }),
  );
  const { rows } = await client.query<{
    name: string;
    of: string | null;
    who: Readonly<Record<string, string>>;
  }>(
    `select o.name, o.of, o.oid,
            jsonb_object_agg(r.role, coalesce(h.letters, '')) as who
       from (${OBJECTS}) as o
      cross join unnest($1::text[]) as r (role)
      cross join lateral (
        select string_agg(a.letter, '' order by a.place) as letters
          from jsonb_to_recordset($2) as a (place integer, kind text, letter text, word text)
         where case
                 when a.kind <> o.kind then false
                 when o.kind = 'database' then has_database_privilege(r.role, o.oid, a.word)
                 when o.kind = 'schema' then has_schema_privilege(r.role, o.oid, a.word)
                 when o.kind = 'table' then has_table_privilege(r.role, o.oid, a.word)
                 when o.kind = 'sequence' then has_sequence_privilege(r.role, o.oid, a.word)
                 when o.kind = 'column' then has_column_privilege(r.role, o.oid, o.column, a.word)
                 else has_function_privilege(r.role, o.oid, a.word) end
      ) as h
      group by o.place, o.name, o.of, o.oid
      order by o.place, o.name collate "C", o.oid`,
    [roles, JSON.stringify(asked)],
  );
  return rows.map(({ name, of, who }) => ({
    name,
    of,
    cells: columns.map(({ title, roles: [first = "", ...others] }) => {
      const cell = who[first] ?? "";
      const odd = others.find((other) => who[other] !== cell);
      if (odd !== undefined) {
        throw new Error(`${name}: the two logins of ${title} have different privileges`);
      }
      return cell;
    }),
  }));
}

/** Merges the many functions of an extension: functions with equal privileges are one line. */
function mergeFunctions(found: readonly Found[]): readonly Found[] {
  const lines = new Map<string, Found>();
  for (const { name, of, cells } of found) {
    if (of === null) continue;
    const label = name === "function" ? `functions of ${of}` : name;
    lines.set(`${label} ${cells.join()}`, { name: label, of, cells });
  }
  return [...lines.values()];
}

async function rolesTable(client: Client, database: DatabaseName): Promise<string> {
  const { rows } = await client.query<
    Record<"name" | "login" | "inherits" | "member" | "limit", string>
  >(
    `
    select r.rolname as name, concat_ws(', ', case when r.rolcanlogin then 'yes' end, case when r.rolsuper then 'superuser' end,
                     case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end,
                     case when r.rolbypassrls then 'bypassrls' end, case when r.rolreplication then 'replication' end) as login,
           coalesce((select string_agg(g.rolname, ', ' order by g.rolname)
                       from pg_auth_members as m join pg_roles as g on g.oid = m.roleid where m.member = r.oid), '') as member,
           coalesce((select case bool_and(m.inherit_option) when true then 'yes' when false then 'no' end
                       from pg_auth_members as m where m.member = r.oid), '') as inherits,
           case r.rolconnlimit when -1 then '' else r.rolconnlimit::text end as limit
      from pg_roles as r
     where r.rolname ~ ('^' || $1 || '_') and ($1 <> 'sark' or r.rolname !~ '^sark_audit_') and r.rolname <> $1 || '_admin'
     order by r.rolname`,
    [database],
  );
  return table(
    ["Role", "Login", "Member of", "Inherits", "Connection limit"],
    rows.map(({ name, login, member, inherits, limit }) => [name, login, member, inherits, limit]),
  );
}

/** Default privileges. If PUBLIC is missing for functions, its privilege was revoked. */
async function defaultPrivileges(client: Client): Promise<string> {
  const { rows } = await client.query<
    Record<"owner" | "kind" | "where" | "grantee" | "privileges", string>
  >(`
    select d.defaclrole::regrole::text as owner,
           case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' else 'others' end as kind,
           coalesce('schema ' || nullif(d.defaclnamespace, 0)::regnamespace, 'any schema') as where,
           coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC') as grantee,
           string_agg(lower(a.privilege_type), ', ' order by a.privilege_type) as privileges
      from pg_default_acl as d cross join aclexplode(d.defaclacl) as a
     group by d.defaclrole, d.defaclobjtype, d.defaclnamespace, a.grantee
     order by 1, 2, 3, 4`);
  return table(
    ["Created by", "Objects", "Schema", "Grantee", "Privileges"],
    rows.map((row) => [row.owner, row.kind, row.where, row.grantee, row.privileges]),
  );
}

/** Privileges of roles outside the plan, or with grant option. There must be none. */
async function unplannedPrivileges(client: Client, database: DatabaseName): Promise<string> {
  const known = [...rolePlan(database, 1).roles.map(({ name }) => name), ...predefinedOf(database)];
  const { rows } = await client.query<{ line: string }>(
    `with entries as (
       select 'database ' || datname as name, datdba as owner, datacl as acl from pg_database where datname = current_database()
       union all select 'schema ' || nspname, nspowner, nspacl from pg_namespace where nspname !~ '^pg_|_timescaledb_|^timescaledb_|information_schema'
       union all select c.oid::regclass::text, c.relowner, c.relacl from pg_class as c
                  where c.relnamespace in (select oid from pg_namespace where nspname !~ '^pg_|timescaledb_|information_schema')
       union all select a.attrelid::regclass || ' column ' || a.attname, c.relowner, a.attacl
                   from pg_attribute as a join pg_class as c on c.oid = a.attrelid where a.attacl is not null and c.relnamespace <> 'pg_catalog'::regnamespace
       union all select p.oid::regprocedure::text, p.proowner, p.proacl from pg_proc as p
                  where p.pronamespace in (select oid from pg_namespace where nspname !~ '^pg_|timescaledb_|information_schema')
     )
     select format('%s: %s for %s%s', e.name, a.privilege_type, coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC'),
                   case when a.is_grantable then ', to hand on' else '' end) as line
       from entries as e cross join aclexplode(e.acl) as a
      where a.grantee <> e.owner and (a.is_grantable
            or (a.grantee <> 0 and a.grantee::regrole::text <> all ($1)))
      order by 1`,
    [known],
  );
  return rows.length === 0 ? "None." : rows.map(({ line }) => `- ${line}`).join("\n");
}
