"""Hostile names in maps, guides and profiles: a SetupError, or a set-up that takes them as mere text.

They are never run as code, and never followed as a path.

GATEWAY_FUZZ counts here as in `test_fuzz`: a fortieth of it are mangled maps, since each is compiled.
"""

from __future__ import annotations

import builtins
import json
import os
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from gateway import maps
from gateway.certification import laws
from gateway.errors import NotWritable, SetupError
from gateway.maps import Map
from gateway.maps.compile import source
from gateway.pipeline.translation.translate import Translation, by_map, translate
from gateway.settings import Settings
from gateway.setup import check

from .mutations import ROOT

HOW_MANY = max(30, int(os.environ.get("GATEWAY_FUZZ", "1500")) // 40)
IN_A_CHUNK = 10
HACK = "__import__('builtins').__dict__.__setitem__('HACKED', True)"
OUTSIDE = "CANARY-8f3a"
ORDER = (ROOT / "sample_documents/harbor/big-box-retailer/in.edi").read_bytes()

NAMES = {
    "code": HACK,
    "code in quotes": f"'+{HACK}+'",
    "code in double quotes": f'"+{HACK}+"',
    "code on a line of its own": f"x\n{HACK}\n",
    "code after a comment": f"#\n    {HACK}",
    "triple quotes": f'"""\n{HACK}\n"""',
    "backslash": "\\",
    "backslash quote": "\\'",
    "f-string": f"{{{HACK}}}",
    "template": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "percent": "%(x)s%s%n",
    "dunder": "__class__",
    "dunder chain": "number.__class__.__init__.__globals__",
    "model method": "model_construct",
    "model attribute": "model_fields",
    "keyword": "lambda",
    "null": "null",
    "empty": "",
    "blank": " ",
    "nul": "a\x00b",
    "newline": "a\nb",
    "line separator": "a\u2028b",
    "right to left": "\u202eBEG03",
    "homoglyph": "\u0412EG03",
    "combining": "e\u0301",
    "emoji": "😀",
    "number": "9" * 400,
    "digits of elsewhere": "٣",
    "path up": "../../../../etc/passwd",
    "outside": "../outside",
    "absolute": "/etc/passwd",
    "drive": "C:\\windows\\win.ini",
    "file": "file:///etc/passwd",
    "secret": "secret:../../outside",
    "star": "*",
    "place with everything": "N1[*]/N1[*]/N1[#1..][*]03..04-01..",
    "place of brackets": "[" * 200,
    "place of dots": "." * 2000,
    "slashes": "/" * 2000,
    "regular expression": "(a+)+$",
    "expression": "BEG03 or BEG03 + BEG03 | pad(999999999,'0') | split('',0) default x",
    "pad": "BEG03 | pad(999999999999,0)",
    "lookup outside": "BEG03 | lookup(../outside)",
    "html": "<script>alert(1)</script>",
    "rich markup": "[red]x[/][/][/]",
    "long": "A" * 100_000,
    "x12": "x12:",
    "itself": "shop/850",
}

SIGNS = [":", "{", "}", "[", "]", "~", "*", "&", "|", "+", "or", "..", "-", "#", "'", '"', "\n", "\t"]

BASE = """\
map: shop/base
document: PurchaseOrder
guide: x12/004010/850
fields:
  number: BEG03
  purpose: BEG01
  kind: BEG02
  ordered_on: BEG05
  contract: BEG06
  references: {"*": "REF[*] | codes(references)"}
  notes: {each: N9, kind: N901, number: N902, lines: MSG01}
  ship_to: {in: "N1[ST]", use: party}
  bill_to: {in: "N1[BT]", use: party}
  lines:
    each: PO1
    key: number
    number: PO101
    quantity: PO102
    unit: PO103
    price: {amount: PO104, basis: PO105}
    ids: {"*": "PO1[*] | codes(item_ids)"}
parts:
  party: {name: N102, id: {kind: N103, value: N104}}
computed: {CTT01: count(lines)}
"""
"""Small, so that hundreds of maps that extend it are loaded and tried in seconds."""

PLACES = {
    "map": '{"map": N, "extends": "shop/base"}',
    "extends": '{"map": "shop/850", "extends": N}',
    "document": '{"map": "shop/850", "extends": "shop/base", "document": N}',
    "guide": '{"map": "shop/850", "extends": "shop/base", "guide": N}',
    "key": '{"map": "shop/850", "extends": "shop/base", N: N}',
    "field": '{"map": "shop/850", "extends": "shop/base", "fields": {N: "BEG03"}}',
    "place": '{"map": "shop/850", "extends": "shop/base", "fields": {"contract": N}}',
    "constant field": '{"map": "shop/850", "extends": "shop/base", "fields": {"contract": N2}}',
    "default": '{"map": "shop/850", "extends": "shop/base", "fields": {"number": N3}}',
    "word of a mapping": '{"map": "shop/850", "extends": "shop/base", "fields": {"references": {N: "REF[IA]"}}}',
    "each": '{"map": "shop/850", "extends": "shop/base", "fields": {"notes": {"each": N, "lines": "MSG01"}}}',
    "use": '{"map": "shop/850", "extends": "shop/base", "fields": {"bill_to": {"in": "N1[BT]", "use": N}}}',
    "key of lines": '{"map": "shop/850", "extends": "shop/base", "fields": {"lines": {"key": N}}}',
    "part": '{"map": "shop/850", "extends": "shop/base", "parts": {N: {"name": "N102"}}}',
    "constant": '{"map": "shop/850", "extends": "shop/base", "constants": {"N107": N}}',
    "constant's place": '{"map": "shop/850", "extends": "shop/base", "constants": {N: "x"}}',
    "computed": '{"map": "shop/850", "extends": "shop/base", "computed": {"CTT02": N}}',
    "computed's place": '{"map": "shop/850", "extends": "shop/base", "computed": {N: "count(lines)"}}',
    "table": '{"map": "shop/850", "extends": "shop/base", "codes": {N: {"each": ["EA"]}}}',
    "word": '{"map": "shop/850", "extends": "shop/base", "codes": {"units": {N: ["EA"]}}}',
    "code": '{"map": "shop/850", "extends": "shop/base", "codes": {"units": {"each": ["EA", N]}}}',
    "guide's element": '{"map": "shop/850", "extends": "shop/base", "guide": {N: {"max": "3"}}}',
    "guide's key": '{"map": "shop/850", "extends": "shop/base", "guide": {"BEG03": {N: "3"}}}',
    "guide's value": '{"map": "shop/850", "extends": "shop/base", "guide": {"BEG03": {"max": N}}}',
    "guide's code": '{"map": "shop/850", "extends": "shop/base", "guide": {"BEG02": {"codes": ["SA", N]}}}',
    "guide's name": '{"map": "shop/850", "extends": "shop/base", "guide": {"BEG03": {"name": N}}}',
    "guide's type": '{"map": "shop/850", "extends": "shop/base", "guide": {"BEG03": {"type": N}}}',
    "guide's allow": '{"map": "shop/850", "extends": "shop/base", "guide": {"allow": [N]}}',
    "guide's require": '{"map": "shop/850", "extends": "shop/base", "guide": {"PO1": {"require": [N]}}}',
}  # fmt: skip

YAMLS = {
    "object tag": "map: !!python/object/apply:os.system [true]",
    "binary tag": "map: !!binary aGFjaw==",
    "anchor": "map: &a x\nextends: *a",
    "merge": "a: &a {map: x}\n<<: *a",
    "bomb": "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nmap: *c",
    "two documents": "map: a\n---\nmap: b",
    "directive": "%YAML 1.1\n---\nmap: a",
    "deep list": "map: " + "[" * 20_000,
    "deep mapping": "{a: " * 20_000,
    "deep blocks": "\n".join(" " * at + "a:" for at in range(300)),
    "many keys": "\n".join(f"k{at}: x" for at in range(4000)),
    "key is a list": "[a, b]: x",
    "key is a mapping": "{a: b}: x",
    "key is nothing": "~: x\n? \n: y",
    "same key": "map: a\nmap: b",
    "tab": "map:\n\tx: y",
    "nul": "map: \x00",
    "bom": "\ufeffmap: x",
    "surrogate": "map: \ud800",
    "carriage return": "map: x\rextends: y",
    "scalar": "just text",
    "list": "- map\n- x",
    "nothing": "",
    "comment": "# nothing",
    "no": "map: no\nextends: 012\ndocument: 12:30",
    "dates": "map: 2026-01-01",
    "huge scalar": "map: " + "x" * 3_000_000,
    "unclosed": 'map: "x',
    "percent": "map: %x",
    "at": "map: @x",
}


def yaml_of(place: str, name: str) -> str:
    """A map with that name at that place, every scalar in JSON's quotes."""
    quoted = {"N3": f"BEG03 default {name}", "N2": f"={name}", "N": name}
    text = PLACES[place]
    for sign, value in quoted.items():
        text = text.replace(f"{sign}}}", f"{json.dumps(value)}}}").replace(
            f"{sign}]", f"{json.dumps(value)}]"
        )
        text = text.replace(f"{sign}:", f"{json.dumps(value)}:").replace(
            f": {sign},", f": {json.dumps(value)},"
        )
    return text


def in_words(error: SetupError) -> None:
    """The refusal can be shown, and tells nothing from outside."""
    assert str(error)
    assert all(str(fault) and json.dumps(fault.as_dict()) for fault in error.faults)
    assert OUTSIDE not in str(error)


def tried(text: str) -> Map | None:
    """Loads the map, and reads and writes an order by it; None where it was refused, in words."""
    try:
        loaded = maps.load("shop/850", {"shop/850": text, "shop/base": BASE}.get)
    except SetupError as error:
        in_words(error)
        return None
    if "HACKED" in text:
        assert "HACKED" not in source(loaded)
    for event in translate(ORDER, by_map(loaded), trees=True):
        if isinstance(event, Translation):
            assert laws.disagreement(event) is None
            written = laws.write(event)
            assert written is None or written.refused or written.back is not None
            rewritten(event)
    return loaded


def rewritten(event: Translation) -> None:
    if event.object is not None:
        with suppress(NotWritable):
            assert laws.rewritten(event) == event.set.raw


@pytest.fixture(autouse=True)
def nothing_was_run():
    yield
    assert not hasattr(builtins, "HACKED")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("place", PLACES)
def test_hostile_names_in_a_map(place: str):
    for label, name in NAMES.items():
        try:
            tried(yaml_of(place, name))
        except Exception as error:
            error.add_note(f"{place}: {label}")
            raise


@pytest.mark.parametrize("text", YAMLS.values(), ids=YAMLS.keys())
def test_hostile_yaml_as_a_map(text: str):
    assert tried(text) is None


def mangled(seed: int) -> str:
    """The 850's base map after some of its pieces were replaced, cut, doubled or moved."""
    chance = Random(seed)
    text = maps.package("x12/004010/850") or ""
    for _ in range(chance.choice((1, 1, 2, 5))):
        first = chance.randrange(len(text))
        last = first + chance.choice((0, 1, 3, 20, 300))
        lines = text.split("\n")
        piece = chance.choice([*NAMES.values(), *SIGNS, text[first:last]])
        kind = chance.randrange(4)
        if kind == 0:
            text = text[:first] + piece[:200] + text[last:]
        elif kind == 1:
            lines[chance.randrange(len(lines))] = lines[chance.randrange(len(lines))]
            text = "\n".join(lines)
        elif kind == 2:
            lines.pop(chance.randrange(len(lines)))
            text = "\n".join(lines)
        else:
            words = [word for word in text.split() if len(word) > 3]
            text = text.replace(chance.choice(words), chance.choice(words), chance.choice((1, 1, -1)))
    return text


@pytest.mark.timeout(240)
@pytest.mark.parametrize("first", range(0, HOW_MANY, IN_A_CHUNK))
def test_mangled_maps(first: int):
    for seed in range(first, min(first + IN_A_CHUNK, HOW_MANY)):
        try:
            tried(mangled(seed))
        except Exception as error:
            error.add_note(f"mangled({seed})")
            raise


# -- profiles and company, as files

COMPANY = (ROOT / "partners/company.yaml").read_text()
PROFILE = """\
partner: shop
stage: testing
name: {name}
contacts: {{edi: {name}}}
identities: {{x12: ZZ/SHOP}}
channels:
  drop:
    sftp:
      host: sftp.example
      user: us
      key: {reference}
      host_key: "SHA256:4ZBuVXGFhMLnzcVYtFhYBbmP6d3yVdvYuz8kFjRw2bA"
    pull: {{from: {name}, match: {name}}}
    push: {{to: {name}, name: {name}}}
  mailbox:
    our_sftp: {{user: {name}, keys: {name}}}
receive:
  850: {{map: {map}, over: {name}, when: {{file: {name}}}}}
"""  # fmt: skip


def house(folder: Path, files: dict[str, str]) -> str:
    """Checks the files as `gateway check` does; gives all that was said and kept."""
    partners = folder / "partners"
    for name, text in {"company.yaml": COMPANY, **files}.items():
        path = partners / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", errors="surrogatepass")
    (folder / "outside").write_text(OUTSIDE)
    (folder / "outside.yaml").write_text(f"name: {OUTSIDE}")
    loaded = check(Settings(partners_dir=partners, samples_dir=folder, secrets_dir=folder / "secrets"))
    assert all(str(fault) and json.dumps(fault.as_dict()) for fault in loaded.faults)
    kept = loaded.snapshot.texts if loaded.snapshot else {}
    return "\n".join([*map(str, loaded.faults), *kept.values(), repr(loaded.snapshot)])


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_hostile_names_in_a_profile(tmp_path: Path, name: str):
    said = json.dumps(name)
    text = PROFILE.format(name=said, reference=json.dumps(f"secret:{name}"), map=said)
    told = house(tmp_path, {"profiles/shop.yaml": text})
    assert OUTSIDE not in told


@pytest.mark.parametrize(
    "key", ["partner", "extends", "stage", "as", "accounts", "private", "calendar", "keep"]
)
def test_hostile_values_of_a_profile(tmp_path: Path, key: str):
    for label, name in NAMES.items():
        line = f"{key}: {json.dumps(name)}\n"
        told = house(tmp_path, {"profiles/shop.yaml": f"identities: {{x12: ZZ/SHOP}}\n{line}"})
        assert OUTSIDE not in told, label


@pytest.mark.parametrize(
    "file", ["company.yaml", "profiles/shop.yaml", "templates/shop.yaml", "maps/shop/850.yaml"]
)
@pytest.mark.parametrize("text", YAMLS.values(), ids=YAMLS.keys())
def test_hostile_yaml_as_any_file(tmp_path: Path, file: str, text: str):
    profile = "partner: shop\nidentities: {x12: ZZ/SHOP}\nextends: templates/shop\nreceive: {850: shop/850}\n"
    assert house(tmp_path, {"profiles/shop.yaml": profile, file: text})


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path):
    (tmp_path / "partners" / "profiles").mkdir(parents=True)
    (tmp_path / "partners" / "maps").mkdir()
    for link in ("profiles/linked.yaml", "maps/linked.yaml"):
        (tmp_path / "partners" / link).symlink_to(tmp_path / "outside.yaml")
    house(tmp_path, {})
