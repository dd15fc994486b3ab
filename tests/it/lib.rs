//! The specification of hubnet.
