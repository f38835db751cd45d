import {
  type CatalogReader,
  renderObjects,
  inSnapshot,
} from "../../components/database-layer/catalog";
import { grantLines } from "../../components/database-layer/catalog-acl";

// PostgreSQL reserves the prefix pg_ for its predefined roles.
const NOT_PREDEFINED = "r.rolname !~ '^pg_'";

const database = `
  select format('database %I', d.datname) as object,
         concat_ws(E'\\n',
           'owner ' || pg_get_userbyid(d.datdba),
           case when d.datconnlimit <> -1 then 'connection limit ' || d.datconnlimit end,
           (select string_agg('set ' || o, E'\\n' order by o)
              from pg_db_role_setting as s cross join unnest(s.setconfig) as o
             where s.setdatabase = d.oid and s.setrole = 0),
           ${grantLines("coalesce(d.datacl, acldefault('d', d.datdba))", "d.datdba")}) as line
    from pg_database as d
   where d.datname = current_database()`;

const extensions = `
  select format('extension %I', e.extname) as object,
         format('version %s in schema %I', e.extversion, n.nspname) as line
    from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace`;

// The owner is listed, too: an entry without PUBLIC is how a default privilege of PUBLIC is revoked.
const defaultPrivileges = `
  select format('default privileges of %s', pg_get_userbyid(d.defaclrole)) as object,
         concat_ws(E'\\n',
           concat_ws(' ', 'on',
             case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
                                  when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end,
             'in schema ' || n.nspname),
           regexp_replace(${grantLines("d.defaclacl")}, '^', '  ', 'gn')
         ) as line
    from pg_default_acl as d
    left join pg_namespace as n on n.oid = d.defaclnamespace
   order by n.nspname nulls first, d.defaclobjtype`;

// Functions whose privileges differ from those of a new server.
const builtInFunctions = `
  select format('built-in function %s', p.oid::regprocedure) as object, ${grantLines("p.proacl", "p.proowner")} as line
    from pg_proc as p
    left join pg_init_privs as i on i.classoid = 'pg_proc'::regclass and i.objoid = p.oid and i.objsubid = 0
   where p.pronamespace = 'pg_catalog'::regnamespace and p.proacl is distinct from i.initprivs`;

const roles = `
  select format('role %I', r.rolname) as object,
         concat_ws(E'\\n',
           concat_ws(' ', case when r.rolcanlogin then 'login' else 'nologin' end,
             case when r.rolsuper then 'superuser' end, case when not r.rolinherit then 'noinherit' end,
             case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end,
             case when r.rolreplication then 'replication' end, case when r.rolbypassrls then 'bypassrls' end,
             case when r.rolconnlimit <> -1 then 'connection limit ' || r.rolconnlimit end,
             'valid until ' || (r.rolvaliduntil at time zone 'UTC'))) as line
    from pg_roles as r
   where ${NOT_PREDEFINED}`;

const settings = `
  select format('role %I', r.rolname) as object,
         case when s.setdatabase = 0 then 'set ' else 'set here ' end || o as line
    from pg_db_role_setting as s
    join pg_roles as r on r.oid = s.setrole and ${NOT_PREDEFINED}
    cross join unnest(s.setconfig) as o
   where s.setdatabase in (0, (select d.oid from pg_database as d where d.datname = current_database()))
   order by r.rolname, s.setdatabase, o`;

const memberships = `
  select format('role %I', r.rolname) as object,
         concat_ws(' ', 'member of', g.rolname, case when m.admin_option then 'with admin' end,
           case when not m.inherit_option then 'without inherit' end,
           case when not m.set_option then 'without set' end) as line
    from pg_auth_members as m
    join pg_roles as r on r.oid = m.member and ${NOT_PREDEFINED}
    join pg_roles as g on g.oid = m.roleid
   order by g.rolname`;

/** In the order in which the lines of an object are shown. */
const ROLE_QUERIES: readonly string[] = [
  database,
  extensions,
  defaultPrivileges,
  builtInFunctions,
  roles,
  settings,
  memberships,
];

/**
 * Reads all that surrounds the schema: the database's owner, settings and privileges, extensions with their versions,
 * changed privileges of built-in functions, default privileges, roles with attributes and settings in this database,
 * and memberships.
 */
export async function readRoles(reader: CatalogReader): Promise<string> {
  return inSnapshot(reader, () => renderObjects(reader, ROLE_QUERIES));
}
