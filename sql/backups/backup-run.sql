-- Records a run in backup_runs. For psql, with its report in the file of the variable MAINTENANCE_REPORT of the
-- environment, as JSON.

\set report `cat "$MAINTENANCE_REPORT"`

insert into public.backup_runs (kind, started_at, finished_at, succeeded, bytes, target_time, report)
select :'kind',
       -- The clocks of node and server may differ.
       least(:'started'::timestamptz, clock_timestamp()),
       clock_timestamp(),
       :'succeeded',
       (r.report ->> 'bytes')::bigint,
       (r.report ->> 'target')::timestamptz,
       r.report
  from (select :'report'::jsonb) as r (report);
