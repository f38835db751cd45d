--! lock_timeout 2s
--! statement_timeout 60s

-- Row-level security by role: whoever is named reads and writes every row as before, and whoever is not sees none,
-- whatever is granted to it later by mistake.
--
-- It is on for what it does to errors, too. The server leaves the key of a duplicate and the row of a failed check out
-- of an error where a table has row-level security, and so out of each of its logs: log_error_verbosity, which does
-- that for the text log, is not looked at for the csvlog of a Kubernetes operator.
--
-- Not on servers: there the planner would no longer look into its statistics for LIKE, @> and @@, which are not
-- leakproof, and would walk the newest servers instead of using their indexes. Not by owner, and not forced:
-- docs/security.md has what that costs, and who it would keep out.

alter table public.users enable row level security;
alter table public.sessions enable row level security;
alter table public.policies enable row level security;
alter table public.policy_versions enable row level security;
alter table public.api_keys enable row level security;
alter table public.rate_limits enable row level security;

create policy users_writer on public.users to sark_writer using (true) with check (true);
create policy sessions_writer on public.sessions to sark_writer using (true) with check (true);
create policy policies_writer on public.policies to sark_writer using (true) with check (true);
create policy policy_versions_writer on public.policy_versions to sark_writer using (true) with check (true);
create policy api_keys_writer on public.api_keys to sark_writer using (true) with check (true);
create policy rate_limits_writer on public.rate_limits to sark_writer using (true) with check (true);

create policy users_reader on public.users for select to sark_reader using (true);
create policy sessions_reader on public.sessions for select to sark_reader using (true);
create policy policies_reader on public.policies for select to sark_reader using (true);
create policy policy_versions_reader on public.policy_versions for select to sark_reader using (true);
create policy api_keys_reader on public.api_keys for select to sark_reader using (true);
create policy rate_limits_reader on public.rate_limits for select to sark_reader using (true);
