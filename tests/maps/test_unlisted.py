"""Codes in a map's brackets that no list of its guide has are told, with what looks like them."""

from __future__ import annotations

import pytest

from gateway import maps

WHY = "no standard document has it, so nothing would be read there"

CASES = [
    # base, a line of the map, what is told of it
    (
        "x12/004010/850",
        "references.x: REF[DPP]02",
        ("REF[DPP]02: DPP is no code of REF01", "did you mean DP ("),
    ),
    (
        "x12/004010/850",
        'lines: {"ids.x": "PO1[INX]"}',
        ("PO1[INX]: INX is no code of PO106", "did you mean IN ("),
    ),
    (
        "x12/004010/850",
        "references.x: REF[DP|IAX]02",
        ("REF[DP|IAX]02: IAX is no code of REF01", "did you mean IA ("),
    ),
    (
        "x12/004010/850",
        "references.x: N1[STT]/REF[DP]02",
        ("N1[STT]/REF[DP]02: STT is no code of N101", "did you mean ST ("),
    ),
    (
        "edifact/D96A/ORDERS",
        "references.x: RFF[VNX]",
        ("RFF[VNX]: VNX is no code of RFF01", "did you mean VN ("),
    ),
    ("x12/004010/850", "references.x: REF[@@]02", ("REF[@@]02: @@ is no code of REF01", "A code")),
    ("x12/004010/850", "references.x: REF[DP]02", None),
    ("x12/004010/850", 'lines: {"ids.x": "PO1[IN]"}', None),
]


@pytest.mark.parametrize(("base", "line", "told"), CASES, ids=lambda case: str(case)[:40])
def test_a_code_on_no_list(base: str, line: str, told: tuple[str, str] | None):
    map = maps.load("a/b", {"a/b": f"map: a/b\nextends: {base}\nfields:\n  {line}\n"}.get)
    found = [one for one in map.problems if "is no code of" in one.what]
    assert [(str(one.mark)[:10], one.what, one.why, one.warning) for one in found] == (
        [("a/b.yaml:4", told[0], WHY, True)] if told else []
    )
    for one in found if told else ():
        assert one.fix.startswith(told[1])
        assert one.fix.endswith("A code that the partner made up may stay")


def test_a_list_that_the_partner_closed_is_the_partners_own_affair():
    """What the map inherits beyond it reads nothing, and is no slip of anybody's."""
    text = "map: a/b\nextends: x12/004010/850\nguide:\n  REF01: {codes: [IA, ZZ]}\n"
    assert maps.load("a/b", {"a/b": text}.get).problems == ()
