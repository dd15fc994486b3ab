//! Tests the events service through its callers, on a database of its own: SQLite, or PostgreSQL where
//! `HUBNET_TEST_DATABASE_URL` names a server whose owner may create databases.

mod app;
mod statements;

mod announcing;
mod consuming;
mod graph;
mod seating;
mod seeing_seats;
