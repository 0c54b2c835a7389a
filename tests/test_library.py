"""`import gateway` as a library: light to import, and everything without server, files or database."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

import gateway

SAMPLES = Path(__file__).parents[1] / "sample_documents" / "harbor"
TWO_LINES = SAMPLES / "two-lines" / "in.edi"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

OURS = """\
map: acme/850
extends: x12/004010/850
guide:
  BEG03: {max: 3}
"""


def loaded_by(statement: str) -> set[str]:
    """The modules a fresh interpreter has after this statement."""
    program = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "never"),
    [
        ("import gateway", {"pydantic", "yaml", "sqlalchemy", "asyncio", "gateway.library"}),
        ("import gateway; gateway.Fault", {"pydantic", "yaml", "sqlalchemy"}),
        (
            f"import gateway; list(gateway.translate(open({str(TWO_LINES)!r}, 'rb').read()))",
            {
                "sqlalchemy",
                "asyncssh",
                "structlog",
                "typer",
                "rich",
                "starlette",
                "gateway.ledger",
                "gateway.profiles",
            },
        ),
    ],
)
def test_nothing_is_imported_that_is_not_used(statement: str, never: set[str]) -> None:
    assert never & loaded_by(statement) == set()


def test_every_public_name_is_there_and_no_other() -> None:
    assert {name for name in gateway.__all__ if getattr(gateway, name) is None} == set()
    assert set(gateway.__all__) <= set(dir(gateway))
    with pytest.raises(AttributeError, match="no attribute 'translation'"):
        gateway.translation  # noqa: B018


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(gateway.__file__).parent / "py.typed").exists()


@pytest.mark.parametrize(
    "source", [TWO_LINES.read_bytes(), [TWO_LINES.read_bytes()[:99], TWO_LINES.read_bytes()[99:]]]
)
def test_translate(source: bytes | list[bytes]) -> None:
    reading = gateway.translate(source)
    (order,) = reading
    assert (order.object.number, len(order.object.lines), order.all_faults) == ("4500017", 2, [])
    assert reading.faults == []


def test_a_bad_set_has_faults_and_no_object_and_its_neighbours_have() -> None:
    reading = gateway.translate((SAMPLES / "one-bad-order-among-good" / "in.edi").read_bytes())
    good = {one.set.control: one.object is not None for one in reading}
    assert sorted(good.values()) == [False, True, True]


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty-file"), (b"%PDF-1.4", "unknown-format"), (b"ISA*00*", "isa-truncated")]
)
def test_what_is_wrong_with_the_file_is_told(data: bytes, code: str) -> None:
    reading = gateway.translate(data)
    assert list(reading) == []
    assert code in {fault.code.word for fault in reading.faults}
    assert code in {fault.code.word for fault in gateway.inspect(data).faults}


def test_inspect() -> None:
    report = gateway.inspect(TWO_LINES.read_bytes(), "two-lines.edi")
    assert report.accepted
    assert report.as_dict()["interchanges"][0]["groups"][0]["sets"][0]["code"] == "850"


def test_what_is_rendered_is_read_back() -> None:
    (order,) = gateway.translate(TWO_LINES.read_bytes())
    data = gateway.render(
        [order.object] * 2, "x12/004010/850", sender="ZZ/US", receiver="01/THEM", control=7, at=NOON
    )
    again = list(gateway.translate(data))
    assert [one.object for one in again] == [order.object] * 2
    header = again[0].interchange
    assert (header.sender, header.receiver, header.control, header.date) == (
        "ZZ/US",
        "01/THEM",
        "000000007",
        "260302",
    )


def test_what_does_not_fit_is_refused() -> None:
    (order,) = gateway.translate(TWO_LINES.read_bytes())
    longer = order.object.model_copy(update={"number": "4" * 23})
    with pytest.raises(gateway.NotWritable) as refused:
        gateway.render([longer], "x12/004010/850")
    assert "BEG03" in str(refused.value)


def test_a_map_of_ones_own() -> None:
    ours = gateway.load_map("acme/850", {"acme/850": OURS})
    (order,) = gateway.translate(TWO_LINES.read_bytes(), ours)
    assert order.object is None
    assert [(fault.code.word, fault.place.address) for fault in order.faults] == [("too-long", "BEG03")]


@pytest.mark.parametrize(
    ("name", "texts", "said"),
    [
        ("x12/004010/899", {}, "x12/004010/899"),
        ("acme/850", {"acme/850": OURS.replace("BEG03", "BEX03")}, "acme/850.yaml:4:3"),
    ],
)
def test_a_map_that_cannot_be_loaded_says_where(name: str, texts: dict[str, str], said: str) -> None:
    with pytest.raises(gateway.SetupError, match=said):
        gateway.load_map(name, texts)


def test_an_order_for_a_release_before_004010_has_years_of_two_digits() -> None:
    (order,) = gateway.translate(TWO_LINES.read_bytes())
    written = gateway.render(
        [order.object], "x12/003060/850", version="00306", newline=True, at=NOON
    ).decode()
    assert "\nGS*PO*SENDER*RECEIVER*260302*1200*1*X*003060~\n" in written
    assert "*20260" not in written
    reading = gateway.translate(written.encode())
    (back,) = reading
    assert (back.object, back.all_faults, reading.faults) == (order.object, [], [])
