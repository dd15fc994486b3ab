//! Uploads of a device's log: once a day in the evening, sometimes late, repeated or out of order. Every line
//! arrives, none before it happened and none more than six days after.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::dice::Dice;
use crate::place::Place;
use crate::upload::{LogLine, Upload};
use crate::window::Window;

/// Days on which the uplink fails, for one to five days.
const OFFLINE_PERMILLE: i64 = 15;
const LONGEST_OFFLINE_DAYS: i64 = 5;
/// Evenings whose log arrives in the small hours.
const OVERNIGHT_PERMILLE: i64 = 30;
/// Lines that miss their evening and come with the next one.
const STRAGGLER_PERMILLE: i64 = 3;
/// Lines sent twice, half of them in the same upload.
const REPEATED_PERMILLE: i64 = 10;
/// Repeats older than this are not sent again.
const OLDEST_REPEAT: SignedDuration = SignedDuration::from_hours(5 * 24);
const SHUFFLED_UPLOAD_PERMILLE: i64 = 100;
const SWAPPED_LINE_PERMILLE: i64 = 20;
const HOUR: i64 = 3600;

/// One device on its way through the window.
pub(crate) struct Device<'a> {
    place: &'a Place,
    code: &'static str,
    window: Window,
    waiting: Vec<LogLine>,
    repeats: Vec<LogLine>,
    back_on: Option<Date>,
}

impl<'a> Device<'a> {
    pub(crate) fn new(place: &'a Place, code: &'static str, window: Window) -> Self {
        Self { place, code, window, waiting: Vec::new(), repeats: Vec::new(), back_on: None }
    }

    /// Sends all lines, given in order of time.
    pub(crate) fn uploads(mut self, lines: Vec<LogLine>, dice: &mut Dice) -> Vec<Upload> {
        let mut lines = lines.into_iter().peekable();
        let mut uploads = Vec::new();
        for day in self.window.days() {
            while let Some(line) = lines.next_if(|line| self.place.day_of(line.at) == day) {
                self.waiting.push(line);
            }
            if !self.waiting.is_empty() && !self.is_offline(day, dice) {
                uploads.push(self.upload(day, dice));
            }
        }
        uploads
    }

    /// Decides whether the device is offline. A spell starts only while no old line waits, so no line waits for two
    /// spells.
    fn is_offline(&mut self, day: Date, dice: &mut Dice) -> bool {
        if let Some(back_on) = self.back_on {
            let is_offline = day < back_on;
            self.back_on = is_offline.then_some(back_on);
            return is_offline;
        }
        let all_new = self.waiting.iter().all(|line| self.place.day_of(line.at) == day);
        if all_new && dice.permille(OFFLINE_PERMILLE) {
            let back_on = day.saturating_add(dice.between(1, LONGEST_OFFLINE_DAYS).days());
            self.back_on = (back_on < self.window.until).then_some(back_on);
        }
        self.back_on.is_some()
    }

    fn upload(&mut self, day: Date, dice: &mut Dice) -> Upload {
        let at = self.arrives_at(day, dice);
        let mut lines = self.take_waiting(day, dice);
        let (now, next_time) = repeats_of(&lines, dice);
        lines.extend(now);
        lines.extend(self.repeats.drain(..).filter(|line| at.duration_since(line.at) < OLDEST_REPEAT));
        self.repeats = next_time;
        disorder(&mut lines, dice);
        Upload { hub: self.place.hub.slug, device: self.code, at, lines }
    }

    /// Returns when the log of a day arrives: after closing and the last departure, sometimes in the small hours of
    /// the next day.
    fn arrives_at(&self, day: Date, dice: &mut Dice) -> Timestamp {
        let tomorrow = day.saturating_add(1.day());
        if tomorrow < self.window.until && dice.permille(OVERNIGHT_PERMILLE) {
            return self.place.at(tomorrow, dice.between(HOUR, 5 * HOUR));
        }
        let closes = self.place.hub.hours_on(day).last().map_or(20 * HOUR, |span| span.closes);
        self.place.at(day, closes + dice.between(HOUR / 4, HOUR))
    }

    /// Takes every waiting line except today's stragglers, which may go tomorrow.
    fn take_waiting(&mut self, day: Date, dice: &mut Dice) -> Vec<LogLine> {
        let has_tomorrow = day.saturating_add(1.day()) < self.window.until;
        let (late, ready) = self.waiting.drain(..).partition(|line| {
            has_tomorrow && self.place.day_of(line.at) == day && dice.permille(STRAGGLER_PERMILLE)
        });
        self.waiting = late;
        ready
    }
}

/// Picks lines to send twice: now, and with the next upload.
fn repeats_of(lines: &[LogLine], dice: &mut Dice) -> (Vec<LogLine>, Vec<LogLine>) {
    let repeated: Vec<LogLine> = lines.iter().filter(|_| dice.permille(REPEATED_PERMILLE)).cloned().collect();
    repeated.into_iter().partition(|_| dice.permille(500))
}

fn disorder(lines: &mut [LogLine], dice: &mut Dice) {
    if dice.permille(SHUFFLED_UPLOAD_PERMILLE) {
        return dice.shuffle(lines);
    }
    for index in 1..lines.len() {
        if dice.permille(SWAPPED_LINE_PERMILLE) {
            lines.swap(index - 1, index);
        }
    }
}
