//! platform-live
