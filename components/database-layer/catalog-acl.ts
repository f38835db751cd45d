/**
 * SQL that renders an access control list as lines like `grant SELECT, UPDATE to sark_writer`, in a fixed order. A
 * privilege with grant option has a star.
 * @param acl SQL of an `aclitem[]`
 * @param owner SQL of an oid whose own entries are left out: an owner's privileges differ between
 *   major versions
 */
export function grantLines(acl: string, owner?: string): string {
  return `(
    select string_agg(format('grant %s to %s', privileges, grantee), E'\\n' order by grantee)
      from (
        select coalesce(r.rolname, 'PUBLIC') as grantee,
               string_agg(a.privilege_type || case when a.is_grantable then '*' else '' end, ', '
                          order by a.privilege_type) as privileges
          from aclexplode(${acl}) as a
          left join pg_roles as r on r.oid = a.grantee
         where ${owner === undefined ? "true" : `a.grantee <> ${owner}`}
         group by 1
      ) as entries
  )`;
}
