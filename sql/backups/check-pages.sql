-- Reads every page of every table and B-tree index of the database, and compares each index with its table. Returns a
-- row for each fault; an error of one relation does not end the others. Run it in a transaction and roll it back, as a
-- superuser: it may create the extension amcheck.

create extension if not exists amcheck;

create function pg_temp.check_pages() returns table (relation text, fault text)
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  amcheck constant name := n.nspname
    from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace where e.extname = 'amcheck';
  each record;
begin
  for each in
    select c.oid, format('%I.%I', n.nspname, c.relname) as name, a.amname,
           case a.amname
             when 'heap' then format(
               'select format(''page %%s: %%s'', v.blkno, v.msg) from %I.verify_heapam($1) as v limit 3', amcheck)
             -- It returns nothing: a fault is an error.
             else format('select %I.bt_index_check($1, true)::text', amcheck)
           end as query
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
      join pg_am as a on a.oid = c.relam
      left join pg_index as i on i.indexrelid = c.oid
     where c.relpersistence = 'p'
       and (
         (a.amname = 'heap' and c.relkind in ('r', 'm', 't'))
         or (a.amname = 'btree' and c.relkind = 'i' and i.indisvalid and i.indisready)
       )
     order by 2
  loop
    begin
      for fault in execute each.query using each.oid::regclass loop
        relation := each.name;
        if fault <> '' then
          return next;
        end if;
      end loop;
    exception when others then
      relation := each.name;
      fault := sqlerrm;
      return next;
    end;
  end loop;
  for relation, fault in
    select coalesce(d.datname, 'shared catalogs'), format('%s pages with a wrong checksum were read', d.checksum_failures)
      from pg_stat_database as d
     where d.checksum_failures > 0 and (d.datname is null or d.datname = current_database())
  loop
    return next;
  end loop;
end;
$$;

select p.relation, p.fault from pg_temp.check_pages() as p;
