"""Templates of YAML: what they give, and all that may not stand in one."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from gateway.errors import SetupError
from gateway.templates import LARGEST, LONGEST, Template

VALUES = {"number": "4500017", "partner": "harbor", "lines": [{"sku": "ab"}], "path": "a/b c", "total": "1"}

GIVEN = [
    ("orders.json", "orders.json"),
    ("{{ partner }}_{{ number }}.edi", "harbor_4500017.edi"),
    ("{{ lines[0].sku | upper }}", "AB"),
    ("{{ number[-4:] }}", "0017"),
    ("{{ release | default('none') }}", "none"),
    ("{{ buyer.id['value'][0] | default('none') }}{{ lines[7].sku | default(partner) }}", "noneharbor"),
    ("{{ buyer.name if buyer else number }}{{ '' if release == '1' else '-' }}", "4500017-"),
    ("{% if release is defined %}{{ release }}{% else %}first{% endif %}", "first"),
    ("{{ number ~ '-' ~ partner if total == '1' else number }}", "4500017-harbor"),
    ("{{ number | truncate(3, true, '', 0) | replace('4', '5') }}", "550"),
    ("{{ lines | length }}", "1"),
    ("{# a comment #}x\n", "x\n"),
]


@pytest.mark.parametrize(("source", "text"), GIVEN)
def test_it_gives(source: str, text: str):
    assert Template(source).render(VALUES) == text


REFUSED = [
    ("{{", "unexpected"),
    ("{% for one in lines %}{{ one }}{% endfor %}", "for may not stand"),
    ("{% set x = 1 %}", "assign may not stand"),
    ("{% macro x() %}{% endmacro %}", "macro may not stand"),
    ("{% include 'secrets' %}", "include may not stand"),
    ("{% import 'os' as os %}", "import may not stand"),
    ("{{ number.upper() }}", "call may not stand"),
    ("{{ cycler.__init__.__globals__.os.popen('id').read() }}", "call may not stand"),
    ("{{ 'a' * 999999999 }}", "mul may not stand"),
    ("{{ 9 ** 999999999 }}", "pow may not stand"),
    ("{{ '%999999999d' % 1 }}", "mod may not stand"),
    ("{{ [number] }}", "list may not stand"),
    ("{{ number | center(999999999) }}", "no filter center"),
    ("{{ number | uper }}", "did you mean upper?"),
    ("x" * (LONGEST + 1), "more than"),
]


@pytest.mark.parametrize(("source", "why"), REFUSED)
def test_what_may_not_stand_in_one_is_refused_before_it_is_used(source: str, why: str):
    with pytest.raises(SetupError, match=why):
        Template(source)


FAILING = [
    ("{{ nothing }}", "there is no value nothing$"),
    ("{{ buyer.id.value }}", "there is no value buyer.id.value$"),
    ("{{ nothing | upper }}", "there is no value nothing$"),
    ("{{ nothing | length }}", "there is no value nothing$"),
    ("{{ nothing | first }}", "there is no value nothing$"),
    ("{{ nothing | int }}", "there is no value nothing$"),
    ("{{ nothing ~ number }}", "there is no value nothing$"),
    ("{{ lines[7].sku }}", "there is no value 7.sku$"),
    ("{{ number.__class__ }}", "unsafe"),
    ("{{ lines[0].__class__.__mro__ }}", "unsafe"),
    ("{{ number < 1 }}", "not supported"),
    ("{{ long }}", f"more than {LARGEST}"),
    ("{{ number | replace('', long) }}", f"more than {LARGEST}"),
]


@pytest.mark.parametrize(("source", "why"), FAILING)
def test_what_cannot_be_filled_in_is_told(source: str, why: str):
    with pytest.raises(SetupError, match=why):
        Template(source).render({**VALUES, "long": "x" * (LARGEST + 1)})


def test_a_value_is_written_as_its_place_wants_it():
    template = Template("/orders/{{ path }}/{{ 'x/y' }}", lambda value: quote(str(value), safe=""))
    assert template.render(VALUES) == "/orders/a%2Fb%20c/x%2Fy"


def test_the_names_it_uses_are_known():
    assert Template("{{ number }}{{ lines[0].sku | default(partner) }}").names == {
        "number",
        "lines",
        "partner",
    }


PLACES = [
    ("/orders/x", ()),
    ("{{ number }}", (("number",),)),
    ("{{ buyer.id.value | default('x') }}", (("buyer", "id", "value"),)),
    ("{{ ids['vendor item'] }}", (("ids", "vendor item"),)),
    ("{{ lines[0].number }}{{ lines.0.number }}", (("lines", 0, "number"),)),
    ("{{ lines[-1].number }}", (("lines", -1, "number"),)),
    ("{{ number[:3] }}", (("number",),)),
    ("{{ lines[at].number }}", (("at",), ("lines", None, "number"))),
    ("{{ (lines | first).number }}", (("lines",),)),
    ("{% if a.b is defined %}{{ a.b }}{% else %}{{ c }}{% endif %}", (("a", "b"), ("c",))),
]


@pytest.mark.parametrize(("source", "places"), PLACES)
def test_the_steps_it_takes_are_known(source: str, places: tuple[tuple[object, ...], ...]):
    assert sorted(Template(source).places, key=str) == sorted(places, key=str)
