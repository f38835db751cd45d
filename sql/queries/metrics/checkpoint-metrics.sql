--! database sark sark_audit
--! login monitor
--! since 17
--! server primary
--! returns checkpoints_timed_total, checkpoints_forced_total
--! counter checkpoints_timed_total -- Checkpoints that checkpoint_timeout started.
--! counter checkpoints_forced_total -- Checkpoints that the amount of WAL or a command started.

-- How many checkpoints came by the clock, and how many were forced?
--
-- Forced ones mean that max_wal_size is small for the load: each makes pages be written in full to the WAL again.

select c.num_timed as checkpoints_timed_total, c.num_requested as checkpoints_forced_total
  from pg_catalog.pg_stat_checkpointer as c;
