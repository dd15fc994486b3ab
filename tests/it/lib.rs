//! The specification of hubnet lives in the test binary `it`; this empty library lets it be a member of the workspace.
