--! database sark_audit
--! login migrate
--! param within interval = 7 days -- how far back from now
--! returns job_id, what, started, finished, sqlstate, message

-- Which jobs failed lately, and why?
--
-- TimescaleDB shows errors to a job's owner alone, which is the owner of the tables.

select e.job_id, e.proc_name as what, e.start_time as started, e.finish_time as finished, e.sqlerrcode as sqlstate,
       e.err_message as message
  from timescaledb_information.job_errors as e
 where e.start_time >= pg_catalog.now() - :within
 order by e.start_time desc;
