--! statement_timeout 2s
--! lock_timeout 0
-- ^ refused: lock_timeout 0
create schema other;
