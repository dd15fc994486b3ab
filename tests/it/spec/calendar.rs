//! Calendars: what we write is read by programs that others wrote, and a hub's opening hours are there for everybody.

mod feed;
mod round_trip;
