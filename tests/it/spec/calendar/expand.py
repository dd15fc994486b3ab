"""Reads each calendar of cases.json with icalendar and prints when its events take place within the window."""

import datetime
import json
import pathlib

import icalendar
import recurring_ical_events


def shown(value):
    """A day as it is written, a time as seconds since 1970."""
    if isinstance(value, datetime.datetime):
        return int(value.timestamp())
    return value.isoformat()


def expand(case):
    """The beginnings and ends of a calendar's events that begin within the window, in order."""
    calendar = icalendar.Calendar.from_ical(pathlib.Path(case["file"]).read_bytes())
    errors = [error for component in calendar.walk() for error in component.errors]
    assert not errors, (case["file"], errors)
    at = lambda seconds: datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    events = recurring_ical_events.of(calendar).between(at(case["from"]), at(case["until"]))
    found = [(shown(event.start), shown(event.end)) for event in events]
    return sorted(it for it in found if isinstance(it[0], str) or case["from"] <= it[0] < case["until"])


cases = json.loads(pathlib.Path("cases.json").read_text())
print(json.dumps({case["file"]: expand(case) for case in cases}))
