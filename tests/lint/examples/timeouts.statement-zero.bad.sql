--! lock_timeout 2s
--! statement_timeout 0s
-- ^ refused: statement_timeout 0
create schema other;
