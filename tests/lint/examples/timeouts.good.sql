--! statement_timeout 10min
--! lock_timeout 500ms
--! role sark_owner
create schema other;
