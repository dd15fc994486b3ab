// Reads each calendar of cases.json with ical.js and prints when its events take place within the window.
// It knows no time zone but those that the calendar itself describes.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const shown = (time) => (time.isDate ? time.toString() : time.toUnixTime());

function expand({ file, from, until }) {
  ICAL.TimezoneService.reset();
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf8")));
  for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const all = calendar.getAllSubcomponents("vevent").map((it) => new ICAL.Event(it));
  const events = all.filter((it) => !it.isRecurrenceException());
  const found = [];
  for (const event of events) {
    for (const moved of all) {
      if (moved.isRecurrenceException() && moved.uid === event.uid) event.relateException(moved);
    }
    const occurrences = event.iterator();
    for (let next = occurrences.next(); next && next.toUnixTime() < until + 86400 * 40; next = occurrences.next()) {
      const { startDate, endDate } = event.isRecurring() ? event.getOccurrenceDetails(next) : event;
      const start = startDate.toUnixTime();
      if (start >= from && start < until) found.push([shown(startDate), shown(endDate)]);
      if (!event.isRecurring()) break;
    }
  }
  return found.sort((one, other) => (one[0] < other[0] ? -1 : one[0] > other[0] ? 1 : 0));
}

const cases = JSON.parse(readFileSync("cases.json", "utf8"));
console.log(JSON.stringify(Object.fromEntries(cases.map((it) => [it.file, expand(it)]))));
