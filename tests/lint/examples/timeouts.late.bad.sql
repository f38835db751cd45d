
-- ^ refused: lock_timeout 2s
--! lock_timeout 2s
--! statement_timeout 2s
create schema other;
