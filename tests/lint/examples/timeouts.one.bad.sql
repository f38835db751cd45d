--! lock_timeout 2s
-- ^ refused: statement_timeout 60s
-- But how long may it run?
create schema other;
