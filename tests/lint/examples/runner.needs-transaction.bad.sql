--! no-transaction
--! lock_timeout 2s
--! statement_timeout 60s
create schema other; -- refused
