//! platform-db
