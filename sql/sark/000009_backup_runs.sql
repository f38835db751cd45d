--! lock_timeout 2s
--! statement_timeout 60s

-- One row for each backup, dump and restore drill that ended, well or not. Monitoring reads it in every home, so no home
-- needs an exporter of its own for its backups.
create table public.backup_runs (
  id uuid not null default gen_random_uuid(),
  kind text not null,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(),
  succeeded boolean not null,
  bytes bigint,
  target_time timestamptz,
  report jsonb not null default '{}',

  constraint backup_runs_pkey primary key (id),
  constraint backup_runs_kind_known check (kind in ('base backup', 'dump', 'restore drill')),
  constraint backup_runs_ends_after_start check (finished_at >= started_at),
  constraint backup_runs_bytes_not_negative check (bytes >= 0)
);

comment on table public.backup_runs is 'Backups, dumps and restore drills that ended, written by the maintenance login.';
comment on column public.backup_runs.bytes is 'Size of what was stored; null for a restore drill, or if it failed.';
comment on column public.backup_runs.target_time is 'The time to which a restore drill restored.';
comment on column public.backup_runs.report is 'Checks of a restore drill with their results, or the reason of a failure.';

-- The application neither reads nor writes it, whatever new tables grant.
revoke all on public.backup_runs from sark_writer, sark_reader;
grant select on public.backup_runs to pg_monitor;
grant insert, select on public.backup_runs to sark_maintain;
