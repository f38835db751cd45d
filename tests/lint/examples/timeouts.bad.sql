-- No directive at all. -- refused
create schema other;
