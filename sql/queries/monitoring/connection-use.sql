--! database sark sark_audit
--! login monitor
--! returns connections, usable, max_connections, reserved, percent

-- How many of the connections that the server has are in use?
--
-- Of those that anybody but a superuser can have. 60 to 80 % is well used; from 90 % on the next rolling update may be
-- refused: docs/connections.md says which number to raise.

with setting as (
  select pg_catalog.current_setting('max_connections')::integer as most,
         (select sum(s.setting::integer)::integer
            from pg_catalog.pg_settings as s
           where s.name in ('superuser_reserved_connections', 'reserved_connections')) as reserved
)
select used.connections,
       setting.most - setting.reserved as usable,
       setting.most as max_connections,
       setting.reserved,
       pg_catalog.round(100.0 * used.connections / nullif(setting.most - setting.reserved, 0), 1) as percent
  from setting
 cross join (
   select count(*) as connections from pg_catalog.pg_stat_activity as a where a.backend_type = 'client backend'
 ) as used;
