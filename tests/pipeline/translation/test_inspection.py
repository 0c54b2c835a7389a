"""What a file is: the envelopes of whatever syntax, as they nest, and every fault once."""

from __future__ import annotations

import pytest

from gateway.pipeline.translation.inspection import inspect

from ..documents import one

EDIFACT = (
    b"UNA:+,?*'UNB+UNOC:4+A:14+B:14+20260301:1530+7++++++1'UNG+ORDERS+A+B+260301:1530+9+UN+D:01B'"
    b"UNH+1+IFTMIN:D:01B:UN'BGM+220'UNT+4+1'UNO+P1+AAA:1+48:EDA+2'xxUNP+2+P1'UNE+2+9'UNZ+1+7'"
)


def test_edifact_has_its_groups_messages_packages_and_syntax_faults() -> None:
    report = inspect(EDIFACT, "a.edi")
    assert report.format == "edifact"
    assert report.delimiters == {
        "element": "+",
        "component": ":",
        "repetition": "*",
        "segment": "'",
        "release": "?",
        "decimal": ",",
    }
    (found,) = report.interchanges
    assert (found["sender"], found["receiver"], found["control"]) == ("14/A", "14/B", "7")
    assert (found["level"], found["version"], found["test"]) == ("UNOC", "4", True)
    (group,) = found["groups"]
    assert (group["code"], group["control"], group["version"]) == ("ORDERS", "9", "D01B")
    sets = [(one["code"], one["control"], one["segments"], one["guide"]) for one in group["sets"]]
    assert sets == [("IFTMIN", "1", 3, None), ("package", "P1", 2, None)]
    told = [(fault.code.word, fault.place.file, fault.place.address) for fault in report.faults]
    assert told == [("unt-count", "a.edi", "UNT01"), ("unknown-set", "a.edi", "UNH02")]
    assert [fault["code"] for fault in group["sets"][0]["faults"]] == ["unt-count", "unknown-set"]
    assert not report.accepted


def test_a_file_may_hold_interchanges_of_several_syntaxes() -> None:
    report = inspect(EDIFACT.replace(b"UNT+4", b"UNT+3") + one(), "both.edi")
    assert [one.get("level") for one in report.interchanges] == ["UNOC", None]
    guides = [one["guide"] for at in report.interchanges for group in at["groups"] for one in group["sets"]]
    assert guides == [None, None, "x12/004010/850"]
    assert report.accepted


ORDER = (
    "UNB+UNOC:3+A+B+260301:1530+7'UNH+1+{}'BGM+220+1'DTM+137:{}:102'NAD+BY+A::9'LIN+1'UNS+S'UNT+7+1'UNZ+1+7'"
)


@pytest.mark.parametrize(
    ("unh", "day", "guide", "told"),
    [
        ("ORDERS:D:96A:UN", "20260228", "edifact/D96A/ORDERS", []),
        ("ORDERS:D:96A:UN", "20260230", "edifact/D96A/ORDERS", ["date DTM01-02"]),
        ("ORDERS:D:03B:UN", "20260228", "edifact/D01B/ORDERS", ["unknown-version UNH02"]),
        ("PAORES:93:1:IA", "20260230", None, ["unknown-set UNH02"]),
    ],
)
def test_a_message_is_read_with_its_guide_or_the_nearest_or_none(
    unh: str, day: str, guide: str | None, told: list[str]
) -> None:
    report = inspect(ORDER.format(unh, day).encode(), "a.edi")
    assert report.interchanges[0]["groups"][0]["sets"][0]["guide"] == guide
    assert [f"{fault.code.word} {fault.place.address}" for fault in report.faults] == told
    assert report.accepted == (not any("date" in word for word in told))
