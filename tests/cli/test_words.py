"""What is said in short: verdicts, reasons, states, and where a fault of the set-up stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.arrival import Arrival, Content
from gateway.canonical import FunctionalAcknowledgment
from gateway.cli import show
from gateway.cli.reports import verdict
from gateway.cli.running import WITHOUT, arrivals_table, on_one_line, recent
from gateway.cli.show import from_here, legible, visible
from gateway.cli.stories import answers_in_short, detail_of, in_short, print_day, reason, refusal, verdicts
from gateway.errors import Mark, SetupFault
from gateway.ledger import arrivals, open_ledger
from gateway.settings import Settings

FAULT = {"severity": "fault", "place": "BEG03", "line": 4, "column": 12, "message": "the value is too long"}
NOTE = {"severity": "note", "place": "PO103", "message": "the map has no word"}


@pytest.mark.parametrize(
    ("faults", "told"),
    [([], "ok"), ([FAULT], "1 fault"), ([FAULT, FAULT, NOTE], "2 faults, 1 note"), ([NOTE, NOTE], "2 notes")],
)
def test_verdict(faults: list[Any], told: str) -> None:
    assert verdict(faults) == told


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ([FAULT], "4:12 BEG03: the value is too long"),
        ([NOTE, FAULT], "4:12 BEG03: the value is too long (and 1 more)"),
        ([NOTE], "PO103: the map has no word"),
        ([{"message": "the file is empty"}], "the file is empty"),
        ({"why": "connection refused"}, "connection refused"),
        ([], ""),
        (None, ""),
    ],
)
def test_reason(detail: Any, told: str) -> None:
    assert reason(detail) == told


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([("850", "4500017", "delivered")], "850 4500017 delivered"),
        ([("850", "", "quarantined")], "850 quarantined"),
        ([("850", "7", "dropped")], "850 7 duplicate"),
        ([("850", "1", "dropped"), ("850", "2", "dropped")], "2 duplicate"),
        ([("850", "1", "delivered"), ("850", "2", "delivered")], "2 delivered"),
        ([("850", "1", "delivered"), ("850", "2", "held")], "1 delivered, 1 held"),
    ],
)
def test_documents_in_short(states: list[tuple[str, str, str]], told: str) -> None:
    assert in_short(states) == told


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([], "-"),
        ([("997", "sent"), ("TA1", "sent")], "997 TA1 sent"),
        ([("997", "sent"), ("997", "sent")], "997 sent"),
        ([("997", "sent"), ("TA1", "retrying")], "997 sent, TA1 retrying"),
    ],
)
def test_answers_in_short(states: list[tuple[str, str]], told: str) -> None:
    assert answers_in_short(states) == told


def test_an_event_tells_what_its_name_does_not() -> None:
    detail = {"type": "850", "number": "1", "size": 520, "faults": [FAULT]}
    assert detail_of(detail) == "size 520, fault 4:12 BEG03: the value is too long"


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ({"verdict": "accepted", "codes": [], "segments": []}, "verdict accepted"),
        ({"verdict": "rejected", "codes": ["5"], "segments": []}, "verdict rejected, codes 5"),
        ({"attempt": 0, "why": "", "by": None}, "attempt 0"),
    ],
)
def test_an_event_tells_only_what_is_there(detail: dict[str, Any], told: str) -> None:
    assert detail_of(detail) == told


def test_the_day_of_a_story_says_in_which_zone_its_times_are(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    day = print_day(at, "")
    assert day.endswith(f" {at.astimezone().tzname()}")
    assert print_day(at, day) == day
    assert capsys.readouterr().out == f"{day}\n"


def test_an_acknowledgment_in_short_names_what_it_rejects() -> None:
    bad = {"code": "856", "verdict": "rejected", "codes": ["5"]}
    sets = [
        {"code": "856", "control": "0001", "verdict": "accepted"},
        *({**bad, "control": f"{n:04d}"} for n in range(2, 9)),
    ]
    group = {"code": "SH", "control": "41"}
    said = FunctionalAcknowledgment.model_validate(
        {"group": group, "verdict": "partially accepted", "sets": sets}
    )
    told = [f"856 {n:04d} rejected: code 5" for n in range(2, 7)]
    assert verdicts(said) == "; ".join(["group 41 partially accepted", *told, "3 more named"])


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("profiles/acme.yaml", "profiles/acme.yaml:3:5"),
        ("acme/850.yaml", "maps/acme/850.yaml:3:5"),
        ("x12/004010/850.yaml", "x12/004010/850.yaml:3:5"),
    ],
)
def test_a_mark_leads_to_the_file_from_here(tmp_path: Path, file: str, told: str) -> None:
    for name in ("profiles/acme.yaml", "maps/acme/850.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    mark = str(from_here(Mark(file, 3, 5), tmp_path))
    assert mark == (told if file.startswith("x12") else f"{tmp_path}/{told}")
    assert str(from_here(Mark(file, 3, 5), None)) == f"{file}:3:5"


def test_a_file_that_came_before_is_a_duplicate() -> None:
    assert WITHOUT["dropped"] == "duplicate"


def test_a_log_line_is_one_line() -> None:
    fault = SetupFault(Mark("a.yaml"), "what", "why so", "do this")
    told = on_one_line(None, "", {"event": "setup", "fault": str(fault)})
    assert told["fault"] == "a.yaml:1:1 what; why: why so; fix: do this"


@pytest.mark.parametrize(("char", "told"), [("~", "~"), ("\n", "'\\n'"), (" ", "' '"), ("\x1d", "'\\x1d'")])
def test_separators_can_be_seen(char: str, told: str) -> None:
    assert visible(char) == told


HOSTILE = "a\x1b[2J\n\u202eb\x9b[bold]"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Größe 日本 [x]", "Größe 日本 [x]"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\r\n\tb", "a\\r\\n\\tb"),
        ("\u202e\u2066x", "\\u202e\\u2066x"),
        ("\x9b\x7f", "\\x9b\\x7f"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_would_steer_a_terminal_is_escaped(text: str, told: str) -> None:
    assert legible(text) == told
    assert legible("a\nb", keep="\n") == "a\nb"


def test_others_text_is_legible_wherever_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    show.print_table("", ("name",), [(HOSTILE,)])
    show.print_facts({"name": HOSTILE})
    show.print_hanging(show.OUT, "", 0, HOSTILE)
    show.complain(HOSTILE.replace("\n", ""))
    show.print_json({"name": HOSTILE})
    show.OUT.print(arrivals_table([("12:00", "x", HOSTILE, "", "")]))
    printed = "".join(capsys.readouterr())
    assert printed.replace("\n", "").isprintable()
    assert printed.count("\\x1b[2J") == 5
    assert '"a\\u001b[2J\\n\\u202eb\\u009b[bold]"' in printed


def test_a_log_line_is_legible_except_where_lines_are_meant() -> None:
    told = on_one_line(None, "", {"event": HOSTILE, "name": HOSTILE, "exception": "a\n  b\x1b"})
    assert (told["event"], told["name"]) == (legible(HOSTILE), legible(HOSTILE))
    assert told["exception"] == "a\n  b\\x1b"


REFUSALS = [
    # what the ledger has of a partner's refusal, and how it is told
    ({"verdict": "rejected", "codes": []}, "no reason was given"),
    ({"verdict": "rejected"}, "no reason was given"),
    ({"code": "009"}, "code 009"),
    ({"codes": ["5"], "segments": [{"segment": "HL", "number": 4, "code": "8"}]}, "code 5; HL 4 code 8"),
]


@pytest.mark.parametrize(("said", "told"), REFUSALS)
def test_why_a_partner_refused_is_told_also_where_it_did_not_say(said: dict[str, Any], told: str) -> None:
    assert refusal(said) == told


def test_the_table_of_a_run_is_in_the_order_of_time(tmp_path: Path) -> None:
    """What came first may be written down last: a large file, by another process."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with open_ledger(Settings(var_dir=tmp_path), "once") as ledger:
        for minutes in (5, 1, 3):
            content, at = Content.of_bytes(b"%d" % minutes), noon + timedelta(minutes=minutes)
            arrival = Arrival("acme.drop", "acme", "sftp", f"{minutes}.edi", str(minutes), content, at)
            ledger.commit_now(lambda tx, arrival=arrival: arrivals.add(tx, arrival, noon))
        rows = ledger.read_now(recent)
    assert [row[2] for row in rows] == ["1.edi", "3.edi", "5.edi"]
