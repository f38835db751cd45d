import type { Client } from "pg";
import { UNUSED_DATABASES } from "./plan/public-rights-plan";
import type { RoleCatalog } from "./plan/role-catalog-types";

const ROLES = `
  select rolname as name, rolcanlogin as login, rolinherit as inherit, rolsuper as superuser,
         rolcreaterole as "createRole", rolcreatedb as "createDatabase", rolreplication as replication,
         rolbypassrls as "bypassRowSecurity", rolconnlimit as "connectionLimit",
         case when rolvaliduntil <> 'infinity' then (rolvaliduntil at time zone 'UTC')::text || ' UTC' end as "validUntil"
    from pg_catalog.pg_roles
   where rolname !~ '^pg_'
   order by rolname`;

// Membership options are columns since version 16.
const MEMBERSHIPS = `
  select u.rolname as member, g.rolname as role, bool_or(m.admin_option) as admin,
         bool_or((to_jsonb(m) ->> 'inherit_option')::boolean) as inherit,
         bool_or((to_jsonb(m) ->> 'set_option')::boolean) as set
    from pg_catalog.pg_auth_members as m
    join pg_catalog.pg_roles as u on u.oid = m.member
    join pg_catalog.pg_roles as g on g.oid = m.roleid
   group by u.rolname, g.rolname
   order by u.rolname, g.rolname`;

const SETTINGS = `
  select coalesce(r.rolname, '') as role, coalesce(d.datname, '') as database,
         split_part(o, '=', 1) as name, substr(o, strpos(o, '=') + 1) as value
    from pg_catalog.pg_db_role_setting as s
    cross join unnest(s.setconfig) as o
    left join pg_catalog.pg_roles as r on r.oid = s.setrole
    left join pg_catalog.pg_database as d on d.oid = s.setdatabase
   order by 1, 2, 3`;

const NAMES = UNUSED_DATABASES.map((name) => `'${name}'`).join(", ");
const DATABASES = `pg_catalog.pg_database as d
   where (d.datname = pg_catalog.current_database() or d.datname in (${NAMES}))`;

const OWNERS = `
  select d.datname as database, pg_catalog.pg_get_userbyid(d.datdba) as owner from ${DATABASES}
   order by d.datname`;

const PRIVILEGES = `
  select d.datname as database, coalesce(r.rolname, 'PUBLIC') as grantee, a.privilege_type as privilege,
         bool_or(a.is_grantable) as grantable
    from (select * from ${DATABASES}) as d
    cross join pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) as a
    left join pg_catalog.pg_roles as r on r.oid = a.grantee
   where a.grantee <> d.datdba
   group by 1, 2, 3
   order by 1, 2, 3`;

// PUBLIC's built-in privilege on types is not shown, since it is never revoked.
const DEFAULTS = `
  select o.rolname as owner, coalesce(n.nspname, '') as schema,
         case d.defaclobjtype when 'r' then 'TABLES' when 'S' then 'SEQUENCES' when 'f' then 'FUNCTIONS'
                              when 'T' then 'TYPES' when 'n' then 'SCHEMAS' else 'LARGE OBJECTS' end as objects,
         coalesce(g.rolname, 'PUBLIC') as grantee, a.privilege_type as privilege
    from pg_catalog.pg_default_acl as d
    join pg_catalog.pg_roles as o on o.oid = d.defaclrole
    left join pg_catalog.pg_namespace as n on n.oid = d.defaclnamespace
    cross join pg_catalog.aclexplode(d.defaclacl) as a
    left join pg_catalog.pg_roles as g on g.oid = a.grantee
   where a.grantee <> d.defaclrole and not (d.defaclobjtype = 'T' and a.grantee = 0)
  union
  select r.rolname, '', 'FUNCTIONS', 'PUBLIC', 'EXECUTE'
    from pg_catalog.pg_roles as r
   where r.rolname !~ '^pg_'
     and not exists (select from pg_catalog.pg_default_acl as d
                      where d.defaclrole = r.oid and d.defaclnamespace = 0 and d.defaclobjtype = 'f')
   order by 1, 2, 3, 4, 5`;

// Promotion and CloudNativePG leave recovery settings there.
const ALTER_SYSTEM_SETTINGS = `
  select name, setting as value from pg_catalog.pg_settings
   where sourcefile like '%/postgresql.auto.conf' and name !~ '^(primary_|recovery_|restore_|archive_cleanup_)'
   order by name`;

const PARTS = {
  roles: ROLES,
  memberships: MEMBERSHIPS,
  settings: SETTINGS,
  owners: OWNERS,
  privileges: PRIVILEGES,
  altered: ALTER_SYSTEM_SETTINGS,
  defaults: DEFAULTS,
};

const LISTS = Object.entries(PARTS).map(
  ([part, query]) =>
    `'${part}', (select coalesce(json_agg(to_json(q)), '[]') from (${query}) as q)`,
);

/** Reads the roles of a server with any login, in one statement and thus one snapshot. */
export async function readRoleCatalog(client: Pick<Client, "query">): Promise<RoleCatalog> {
  const { rows } = await client.query<{ catalog: RoleCatalog }>(
    `select json_build_object(${LISTS.join(", ")}) as catalog`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the server returned no roles");
  return row.catalog;
}
