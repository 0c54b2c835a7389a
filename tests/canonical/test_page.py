"""docs/canonical.md says what the models say."""

from __future__ import annotations

from gateway.canonical import DOCUMENTS, PurchaseOrder

from .page import MARK, PAGE, parts, tables


def test_the_page_is_up_to_date() -> None:
    below = PAGE.read_text("utf-8").split(MARK)[1]
    assert below.strip() == tables().strip(), "run python tests/canonical/page.py"


def test_every_object_and_part_is_on_the_page() -> None:
    assert set(DOCUMENTS) < set(parts())
    assert {"Line", "Party", "Address", "Schedule", "Destination"} < set(parts())
    assert tables().count("\n## ") == len(parts()) - 1


def test_the_example_on_the_page_is_an_order() -> None:
    example = PAGE.read_text("utf-8").split("```json\n")[1].split("```")[0]
    assert PurchaseOrder.from_json(example).to_json(2) == example.strip()
