//! Tests the monitoring service through its callers, on a database of its own: SQLite, or PostgreSQL where
//! `HUBNET_TEST_DATABASE_URL` names a server whose owner may create databases.

mod app;
mod statements;

mod agreeing;
mod asking;
mod consuming;
mod graph;
