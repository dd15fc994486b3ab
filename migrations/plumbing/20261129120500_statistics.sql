-- Table statistics on demand. PostgreSQL's planner learns the size of a table when it is analyzed, which autovacuum
-- does at most once a minute. Until then the planner assumes the size at the first query, and plans badly while half a
-- year of data is loaded. A loader therefore has the tables analyzed; the services own no tables, so this takes a
-- function of the owner. It keeps the search path of the migration: the service's own schema.

-- @only postgres
create function take_stock() returns void language plpgsql security definer set search_path from current as $$
declare
    one pg_catalog.name; -- a temporary type of that name would come first
begin
    for one in select tablename from pg_catalog.pg_tables where schemaname = current_schema() loop
        execute format('analyze %I.%I', current_schema(), one);
    end loop;
end $$;
revoke execute on function take_stock() from public;
