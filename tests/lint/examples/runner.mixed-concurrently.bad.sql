--! lock_timeout 2s
--! statement_timeout 60s
create schema other;
create index concurrently a on public.b (c); -- refused
