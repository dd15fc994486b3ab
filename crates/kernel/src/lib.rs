//! The vocabulary shared by all parts of hubnet: typed ids, money, time, text, the caller's context, pages and error
//! codes.
//!
//! Always true: this crate has no I/O, no async and no global state. Time and randomness come from the [`World`] in an
//! [`OpContext`], so whoever builds the context (the server, a test) owns both.

mod audit;
mod category;
mod code;
mod decimal;
mod event;
mod id;
mod invalid_input;
mod job;
mod language;
mod mail;
mod money;
mod neighbourhood;
mod op_context;
mod page;
mod permission;
mod personal;
mod position;
mod stored_words;
mod text;
mod time;
mod world;

pub use audit::{AuditEvent, AuditRecord};
pub use category::{Category, UnknownCategory};
pub use code::{Coded, ErrorCode, rule_in};
pub use decimal::{NotADecimal, parse_decimal};
pub use event::{CloudEvent, Fact, Published};
pub use id::{
    ApiKeyId, AssignmentId, ChallengeId, ChargeId, CodeId, ConsentId, ContactId, CredentialId, DeviceId,
    DeviceSecretId, EventId, FileId, HandoverId, HubId, Id, IdError, JobId, MailId, MemberId, NetworkId,
    NoteId, PassId, PersonId, PlanId, RefreshTokenId, ResourceId, SeatId, SessionId, SettlementId,
    SignInLinkId, SpaceId, TariffId, TouchId, TransactionId, VisitId, prefix_of_column,
};
pub use invalid_input::InvalidInput;
pub use job::{Job, JobState};
pub use language::{Language, UnknownLanguage};
pub use mail::{MailCategory, UnknownMailCategory};
pub use money::{Currency, Money, MoneyError, basis_points, round_half_even};
pub use neighbourhood::neighbourhood;
pub use op_context::{AuthError, Caller, Denials, Grant, OpContext, Place, Scoped};
pub use page::{Page, PageArguments, PageError, PageRequest};
pub use permission::{Permission, Role};
pub use personal::{
    DataSubject, Export, ExportedTable, Leads, Personal, PersonalColumn, PersonalPiece, Shown,
};
pub use position::Position;
pub use text::{
    Code, EmailAddress, ExternalId, FreeText, Label, Password, PersonName, ShownPassword, Slug, TextError,
};
pub use time::{Interval, Month, TimeError, Zone, read_date, read_instant, to_the_microsecond};
pub use world::{Clock, Entropy, ManualClock, OsEntropy, SeededEntropy, SystemClock, World};
