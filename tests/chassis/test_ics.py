"""An appointment for a calendar, read back by hand from the text of RFC 5545."""

from datetime import UTC, datetime, timedelta, timezone

from services.chassis.ics import Entry, calendar_of

AT = datetime(2026, 12, 3, 15, 30, tzinfo=timezone(timedelta(hours=-8)))
TOLD = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def lines(**changes: object) -> list[str]:
    fields: dict[str, object] = {"id": "a-1", "at": AT, "told": TOLD, "title": "Cita"}
    text = calendar_of(Entry(**{**fields, **changes}))  # type: ignore[arg-type] # a builder
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(each.encode()) <= 75 for each in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


def test_an_appointment_is_told_in_universal_time_under_a_name_that_stays() -> None:
    assert lines() == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Enlace//Enlace//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "UID:a-1@enlace",
        "DTSTAMP:20261124T180000Z",
        "SEQUENCE:29925720",
        "DTSTART:20261203T233000Z",
        "SUMMARY:Cita",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_what_is_told_later_counts_more() -> None:
    later = lines(told=TOLD + timedelta(minutes=1))
    assert "SEQUENCE:29925721" in later


def test_signs_of_the_format_are_only_words_in_a_title() -> None:
    assert r"SUMMARY:a\, b\; c\\ d\nEND:VEVENT" in lines(title="a, b; c\\ d\nEND:VEVENT")


def test_a_long_title_is_folded_and_no_letter_is_cut() -> None:
    title = "Escuela Señor Muñoz " * 9
    assert f"SUMMARY:{title}" in lines(title=title)
    assert "URL:https://enlace.example.org" in lines(url="https://enlace.example.org")
