//! An empty library that makes the test binary `it` a member of the workspace. The specification of hubnet is in
//! `it`.
