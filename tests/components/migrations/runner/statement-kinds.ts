/** An example of each kind of statement in PostgreSQL, and where a migration runs it. */

/** Objects that the statements below use. */
export const SETUP = `
  create role somebody; create role other; grant somebody to other;
  create schema s; create schema later;
  create table s.t (id int primary key, x int, y text, z int[]); create table s.u (id int, x int);
  insert into s.t values (1, 1, 'a', '{}');
  create index t_x on s.t (x);
  create table s.p (id int) partition by range (id);
  create table s.p1 partition of s.p for values from (0) to (10);
  create table s.p2 partition of s.p for values from (10) to (20);
  create index p_id on s.p (id);
  cluster s.t using t_pkey;
  create view s.v as select 1 as one; create materialized view s.m as select 1 as one;
  create unique index m_one on s.m (one);
  create sequence s.q; create type s.e as enum ('a'); create type s.c as (a int); create domain s.d as int;
  create function s.f() returns int language sql return 1;
  create function s.tf() returns trigger language plpgsql as 'begin return new; end';
  create function s.et() returns event_trigger language plpgsql as 'begin end';
  create procedure s.proc() language plpgsql as 'begin null; end';
  create procedure s.commits() language plpgsql as 'begin commit; end';
  create policy pol on s.t; create statistics s.st on x, y from s.t; create publication pub for table s.t;
  create subscription sub connection 'host=127.0.0.1 port=1' publication pub with (connect = false, slot_name = slot);
  create subscription live connection 'host=127.0.0.1 port=1' publication pub with (connect = false, slot_name = slot);
  alter subscription live enable;
  create collation s.col (locale = 'C'); create text search dictionary s.dict (template = simple);
  create text search configuration s.conf (copy = pg_catalog.simple);
  create operator family s.fam using btree; create event trigger et on ddl_command_start execute function s.et();
  create foreign data wrapper w; create server srv foreign data wrapper w; create user mapping for somebody server srv;
  create operator s.@@@ (leftarg = int, rightarg = int, function = int4pl);
  prepare prepared as select 1;`;

type Example = readonly [kind: "inside" | "outside" | "either" | "never", sql: string];

export const EXAMPLES: readonly Example[] = [
  // Also run in a transaction so that a failing file leaves nothing.
  ["inside", "alter aggregate pg_catalog.sum(int) rename to sum2"],
  ["inside", "alter collation s.col refresh version"],
  ["inside", "alter database postgres refresh collation version"],
  ["inside", "alter database postgres set work_mem = '8MB'"],
  ["inside", "alter database postgres connection limit 50"],
  ["inside", "alter default privileges in schema s grant select on tables to somebody"],
  ["inside", "alter domain s.d set not null"],
  ["inside", "alter type s.e add value 'b'"],
  ["inside", "alter event trigger et disable"],
  ["inside", "alter extension plpgsql update"],
  ["inside", "alter extension plpgsql add table s.u"],
  ["inside", "alter foreign data wrapper w options (a '1')"],
  ["inside", "alter server srv options (a '1')"],
  ["inside", "alter function s.f() stable"],
  ["inside", "alter index s.t_x depends on extension plpgsql"],
  ["inside", "alter table s.u set schema later"],
  [
    "inside",
    "alter operator family s.fam using btree add function 1 (int, int) btint4cmp(int, int)",
  ],
  ["inside", "alter operator s.@@@ (int, int) set (restrict = none)"],
  ["inside", "alter table s.t owner to somebody"],
  ["inside", "alter function s.f() owner to somebody"],
  ["inside", "alter policy pol on s.t to somebody"],
  ["inside", "alter publication pub add table s.u"],
  ["inside", "alter role somebody set work_mem = '8MB'"],
  ["inside", "alter role somebody connection limit 5"],
  ["inside", "alter sequence s.q increment by 2"],
  ["inside", "alter statistics s.st set statistics 100"],
  ["inside", "alter subscription sub disable"],
  ["inside", "alter subscription sub set publication pub with (refresh = false)"],
  ["inside", "alter subscription sub set (binary = true)"],
  ["inside", "alter text search configuration s.conf drop mapping for word"],
  ["inside", "alter text search dictionary s.dict (stopwords = english)"],
  ["inside", "alter table s.t add w int, alter column x set default 5"],
  ["inside", "alter table s.p detach partition s.p1"],
  ["inside", "alter table all in tablespace pg_default set tablespace pg_default"],
  ["inside", "alter tablespace pg_default set (random_page_cost = 1.1)"],
  ["inside", "alter type s.c add attribute b int"],
  ["inside", "alter type s.d set (receive = none)"],
  ["inside", "alter user mapping for somebody server srv options (a '1')"],
  ["inside", "checkpoint"],
  ["inside", "close all"],
  ["inside", "comment on table s.t is 'a'"],
  ["inside", "create type s.c2 as (a int)"],
  ["inside", "set constraints all deferred"],
  ["inside", "copy s.t (id) from program 'echo 7'"],
  ["inside", "copy s.t to '/dev/null'"],
  ["inside", "create access method am type index handler bthandler"],
  ["inside", "create cast (s.c as int) with inout"],
  ["inside", "create conversion s.conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8"],
  ["inside", "create domain s.d2 as int"],
  ["inside", "create type s.e2 as enum ('a')"],
  ["inside", "create event trigger et2 on ddl_command_end execute function s.et()"],
  ["inside", "create extension if not exists plpgsql"],
  ["inside", "create foreign data wrapper w2"],
  ["inside", "create server srv2 foreign data wrapper w"],
  ["inside", "create foreign table s.ft (a int) server srv"],
  ["inside", "create function s.f2() returns int language sql return 1"],
  ["inside", "create operator class s.oc for type s.c using hash as storage s.c"],
  ["inside", "create operator family s.fam2 using btree"],
  ["inside", "create trusted language lang handler plpgsql_call_handler"],
  ["inside", "create policy pol2 on s.t"],
  ["inside", "create publication pub2 for table s.t"],
  ["inside", "create type s.r as range (subtype = int)"],
  ["inside", "create role somebody2"],
  ["inside", "create schema s2 create table in_it (id int)"],
  ["inside", "create sequence s.q2"],
  ["inside", "create statistics s.st2 on x, id from s.t"],
  ["inside", "create table s.t2 (id int)"],
  ["inside", "create temporary table t3 (id int) on commit drop"],
  [
    "inside",
    "create subscription sub2 connection 'host=127.0.0.1' publication pub with (connect = false)",
  ],
  ["inside", "create table s.t4 as select 1 as one"],
  ["inside", "create transform for s.c language sql (from sql with function s.no(internal))"],
  ["inside", "create trigger trg before insert on s.t for each row execute function s.tf()"],
  ["inside", "create user mapping for other server srv"],
  ["inside", "deallocate all"],
  ["inside", "declare cur cursor for select 1"],
  ["inside", "declare held cursor with hold for select 1"],
  ["inside", "create aggregate s.agg(int) (sfunc = int4pl, stype = int)"],
  ["inside", "delete from s.t"],
  ["inside", "discard plans"],
  ["inside", "discard temp"],
  ["inside", "do 'begin perform 1; end'"],
  ["inside", "drop owned by somebody"],
  ["inside", "drop role if exists nobody"],
  ["inside", "drop index s.t_x"],
  ["inside", "drop user mapping for somebody server srv"],
  ["inside", "execute prepared"],
  ["inside", "explain analyze select 1"],
  ["inside", "fetch next from nothing"],
  ["inside", "grant somebody to other"],
  ["inside", "grant select on s.t to somebody"],
  ["inside", "import foreign schema a from server srv into s"],
  ["inside", "create index i on s.t (y)"],
  ["inside", "insert into s.t values (2)"],
  ["inside", "listen channel"],
  ["inside", "load 'plpgsql'"],
  ["inside", "lock table s.t in share mode"],
  ["inside", "merge into s.t using s.u on t.id = u.id when matched then delete"],
  ["inside", "notify channel"],
  ["inside", "prepare other as select 1"],
  ["inside", "reassign owned by somebody to other"],
  ["inside", "refresh materialized view concurrently s.m"],
  ["inside", "refresh materialized view s.m"],
  ["inside", "alter table s.t rename to renamed"],
  ["inside", "create rule r as on insert to s.u do also select 1"],
  ["inside", "security label on table s.t is null"],
  ["inside", "select 1"],
  ["either", "select now()"],
  ["inside", "truncate s.t"],
  ["inside", "unlisten *"],
  ["inside", "update s.t set x = 2"],
  ["inside", "analyze s.t"],
  ["inside", "set work_mem = '8MB'"],
  ["inside", "set local work_mem = '8MB'"],
  ["inside", "set session characteristics as transaction isolation level serializable"],
  ["inside", "show work_mem"],
  ["inside", "create view s.v2 as select 1 as one"],

  // PostgreSQL rejects these in a transaction.
  ["outside", "create index concurrently i on s.t (y)"],
  ["outside", "drop index concurrently s.i"],
  ["outside", "reindex (concurrently) table s.t"],
  ["outside", "reindex index concurrently s.t_x"],
  ["outside", "reindex schema s"],
  ["outside", "reindex schema concurrently s"],
  ["outside", "reindex database"],
  ["outside", "reindex system"],
  ["outside", "vacuum"],
  ["outside", "vacuum (full, analyze) s.t"],
  ["outside", "cluster"],
  ["outside", "cluster (verbose)"],
  ["outside", "alter table s.p detach partition s.p2 concurrently"],
  ["outside", "create subscription sub3 connection 'host=127.0.0.1 port=1' publication pub"],
  ["outside", "alter subscription live refresh publication"],
  ["outside", "alter subscription live add publication pub2"],
  ["outside", "alter subscription sub set (failover = true)"],
  ["outside", "do 'begin update s.t set x = 3; commit; end'"],
  ["outside", "do 'begin if true then rollback; end if; end'"],

  // PostgreSQL rejects some statements of these kinds in a transaction.
  ["either", "call s.proc()"],
  ["either", "do 'begin call s.proc(); end'"],
  ["either", "do 'begin execute ''select 1''; end'"],
  ["either", "reindex table s.t"],
  ["either", "reindex index s.t_x"],
  ["either", "cluster s.t"],
  ["either", "drop subscription if exists nothing"],

  ["never", "begin"],
  ["never", "commit"],
  ["never", "rollback to savepoint a"],
  ["never", "prepare transaction 'a'"],
  ["never", "commit prepared 'a'"],
  ["never", "copy s.t from stdin"],
  ["never", "copy (select 1) to stdout"],
  ["never", "set transaction isolation level serializable"],
  ["never", "set transaction read only"],
  ["never", "set transaction snapshot '00000003-0000001B-1'"],
  ["never", "discard all"],
  ["never", "alter system set work_mem = '8MB'"],
  ["never", "alter database postgres set tablespace pg_default"],
  ["never", "create database d"],
  ["never", "drop database if exists d"],
  ["never", "create tablespace ts location ''"],
  ["never", "drop tablespace if exists ts"],
];

/** Statements that PostgreSQL rejects in a transaction, while it accepts others of the same kind. */
export const REFUSED_IN_TRANSACTION: readonly string[] = [
  "call s.commits()",
  "do 'begin call s.commits(); end'",
  "reindex table s.p",
  "reindex index s.p_id",
  "cluster s.p using p_id",
];
