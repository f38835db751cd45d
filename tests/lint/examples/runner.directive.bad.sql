--! wait 2s
-- ^ refused
create schema other;
