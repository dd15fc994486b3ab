//! The use cases about members.

pub(crate) mod correct_member;
pub(crate) mod end_membership;
pub(crate) mod find_members;
pub(crate) mod index_members;
pub(crate) mod keep_member_records;
pub(crate) mod resume_membership;
