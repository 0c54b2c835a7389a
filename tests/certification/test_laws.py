"""Each law is seen to fail where a part of the gateway breaks it: parts are broken here one at a time."""

from __future__ import annotations

from gateway.certification import laws
from gateway.errors import NotWritable
from gateway.faults import Code, Fault, Place
from gateway.maps import Map
from gateway.maps.account import Share
from gateway.pipeline.translation.translate import Translation, translate

from .conftest import ORDER, RETAILER, found, sample


def translated(document=ORDER):
    (one,) = [event for event in translate(document, trees=True) if isinstance(event, Translation)]
    return one


def test_an_object_that_reads_back_otherwise(certified, monkeypatch):
    write = Map.write

    def forgetful(self, document, onto=None, forbidden="", answered=None):
        if onto is None and hasattr(document, "release"):
            document = document.model_copy(update={"number": "other"})
        return write(self, document, onto, forbidden, answered)

    monkeypatch.setattr(Map, "write", forgetful)
    check = found(certified(sample()), laws.OBJECT)
    assert [one.as_dict() for one in check.diff] == [
        {"path": "$[0].number", "expected": "4500017", "got": "other"}
    ]


def test_an_object_that_cannot_be_written(certified, monkeypatch):
    write = Map.write
    fault = Fault(Code.NOT_WRITABLE, Place(field="number"))

    def refusing(self, document, onto=None, forbidden="", answered=None):
        if hasattr(document, "release"):
            raise NotWritable([fault])
        return write(self, document, onto, forbidden, answered)

    monkeypatch.setattr(Map, "write", refusing)
    made = certified(sample())
    for name in (laws.OBJECT, laws.DOCUMENT):
        (one,) = found(made, name).diff
        assert "number" in one.path
        assert one.got == fault.message


def test_a_document_that_changes_when_it_is_written_onto(certified, monkeypatch):
    write = Map.write

    def untidy(self, document, onto=None, forbidden="", answered=None):
        tree = write(self, document, onto, forbidden, answered)
        if onto is not None:
            next(tree.segments()).set(5, "20260302")
        return tree

    monkeypatch.setattr(Map, "write", untidy)
    (one,) = found(certified(sample()), laws.DOCUMENT).diff
    assert one.path.endswith("segment 2")
    assert "20260302" in one.got


def test_an_element_nobody_accounts_for(certified, monkeypatch):
    account = Map.account
    monkeypatch.setattr(Map, "account", lambda self, tree: account(self, tree)[1:])
    check = found(certified(sample()), laws.NOTHING_LOST)
    assert [(one.expected, one.got) for one in check.diff] == [("13 values", "12 accounted for")]


def test_what_is_written_and_breaks_the_guide(certified, monkeypatch):
    monkeypatch.setattr(laws, "rejecting", lambda faults: [Fault(Code.TOO_LONG)])
    assert found(certified(sample()), laws.VALID).held is False


def test_a_fast_verdict_that_differs(certified, monkeypatch):
    monkeypatch.setattr(laws, "compiled_guide", lambda guide: lambda segments: False)
    (one,) = found(certified(sample()), laws.SAME_VERDICT).diff
    assert one.got == "fast rejects; the exact reader has no fault"


def test_a_fast_object_that_differs(certified, monkeypatch):
    other = translated(ORDER.replace(b"4500017", b"4500018")).object
    monkeypatch.setattr(laws, "compiled_map", lambda chosen: lambda segments: other)
    (one,) = found(certified(sample()), laws.SAME_VERDICT).diff
    assert one.got == "fast reads $.number as 4500018, exact as 4500017"


def test_a_fast_reader_that_overlooks_a_fault(monkeypatch):
    late = ORDER.replace(b"*20260301~", b"*20260231~")
    monkeypatch.setattr(laws, "compiled_guide", lambda guide: lambda segments: False)
    monkeypatch.setattr(laws, "compiled_map", lambda chosen: lambda segments: None)
    assert laws.disagreement(translated(late)) is None
    monkeypatch.setattr(
        laws, "compiled_map", lambda chosen: lambda segments: chosen.read(translated(late).tree)[0]
    )
    assert laws.disagreement(translated(late)) is None  # the exact reader has no object either
    monkeypatch.setattr(laws, "compiled_guide", lambda guide: lambda segments: True)
    assert laws.disagreement(translated(late)).startswith("fast accepts")


def test_composites_and_repetitions_are_values_of_their_own():
    assert laws.parts_of("A\x1fB\x1e\x1fC") == ["A", "B", "C"]


def test_without_a_map_everything_is_residue(certified, rooms):
    made = certified(sample(), rooms(RETAILER.replace("850", "855")))
    assert made.shares[Share.RESIDUE] == 13
    assert ("BEG03", "4500017") in made.residue
    assert found(made, laws.OBJECT).held is None
