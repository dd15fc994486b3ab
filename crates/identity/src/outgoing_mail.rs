//! Mail on its way out: who is to be written to about what, and how often it was tried.
//!
//! Always true: a mail in the queue holds no code; the code is made when the mail is sent, so that it lies nowhere
//! but in the mail. A mail server that says *not now* is tried again for a day; one that says *never* is not.

use jiff::{SignedDuration, Timestamp};
use kernel::{NetworkId, PersonId};
use uuid::Uuid;

use crate::mail_text::Occasion;

/// Who claims a mail has it for so long; then somebody else may try.
pub(crate) const CLAIMED_FOR: SignedDuration = SignedDuration::from_mins(2);
/// After how long it is tried again, try by try.
const PAUSES_MINUTES: [i64; 6] = [1, 5, 15, 60, 6 * 60, 17 * 60];

/// A mail that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutgoingMail {
    pub(crate) id: Uuid,
    pub(crate) network: NetworkId,
    pub(crate) person: PersonId,
    pub(crate) about: Occasion,
    pub(crate) due_at: Timestamp,
    pub(crate) tries: i64,
}

impl OutgoingMail {
    /// When it is tried again after this try was put off; nothing when that was the last one.
    pub(crate) fn next_try(&self, now: Timestamp) -> Option<Timestamp> {
        let pause = PAUSES_MINUTES.get(usize::try_from(self.tries).ok()?)?;
        Some(now + SignedDuration::from_mins(*pause))
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Id, World};

    use super::*;
    use crate::CodePurpose;

    #[test]
    fn a_mail_is_tried_again_for_a_day_and_then_given_up() {
        let world = World::for_test(1);
        let mut mail = OutgoingMail {
            id: Uuid::nil(),
            network: NetworkId::generate(&world),
            person: PersonId::generate(&world),
            about: CodePurpose::Invitation.into(),
            due_at: world.now(),
            tries: 0,
        };
        let mut now = world.now();
        while let Some(next) = mail.next_try(now) {
            (now, mail.tries) = (next, mail.tries + 1);
        }
        assert_eq!(mail.tries, 6);
        assert!(now.duration_since(world.now()) > SignedDuration::from_hours(24));
    }
}
