//! roaming
