"""YAML 1.2 with places: what is read, where it stands, and what is said of text that cannot be read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import Mark, SetupError, SetupFault
from gateway.marked_yaml import DEEPEST, LARGEST, close, load, merge

READ = [
    ("", None),
    ("~", None),
    ("a:", {"a": None}),
    ("a: ~\nb: null\nc: '~'\nd: \"\"\ne: 'null'", {"a": None, "b": None, "c": "~", "d": "", "e": "null"}),
    (
        "a: no\nb: on\nc: 012\nd: 12:30\ne: 1.0\nf: 2026-12-25",
        dict(zip("abcdef", ["no", "on", "012", "12:30", "1.0", "2026-12-25"], strict=True)),
    ),
    ("850: x\n'*': y\n~: z", {"850": "x", "*": "y", "~": "z"}),
    (
        "number: BEG03\nids: PO1[VP] or PO1[*] | codes(t)",
        {"number": "BEG03", "ids": "PO1[VP] or PO1[*] | codes(t)"},
    ),
    ("- a\n- [b, c]\n- {d: e}", ["a", ["b", "c"], {"d": "e"}]),
    ("a: one\n  two", {"a": "one two"}),
    ("\ufeffa: b", {"a": "b"}),
    ("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
    ("%YAML 1.2\n---\na: b\n", {"a": "b"}),
    ('a: "\\u00e9"\nb: é', {"a": "é", "b": "é"}),
]


@pytest.mark.parametrize(("text", "data"), READ)
def test_read(text, data):
    assert load(text, "f.yaml").data == data


BRACKETS = 'inside { } and [ ] quote a place with brackets, "PO1[UP]", or write one per line'
BROKEN = [
    ("a: {b: PO1[UP]}", "1:11 this is not YAML: the mapping has neither ',' nor '}' here ('[')", BRACKETS),
    ("a: [x, PO1[UP]]", "1:11 this is not YAML: the list has neither ',' nor ']' here ('[')", BRACKETS),
    (
        "a: {b: in/{date}}",
        "1:11 this is not YAML: the mapping has neither ',' nor '}' here ('{')",
        "a placeholder is written <date>, not {date}; quote a value that holds braces",
    ),
    (
        "a: @x",
        "1:4 this is not YAML: no value can begin with this character ('@')",
        'quote a value that begins with @: "@quantity"',
    ),
    (
        "a: %x",
        "1:4 this is not YAML: no value can begin with this character ('%')",
        'quote a value that begins with %: "%d"',
    ),
    (
        "a: `x",
        "1:4 this is not YAML: no value can begin with this character ('`')",
        "quote a value that begins with a backtick",
    ),
    (
        "a: x: y",
        "1:5 this is not YAML: a second ':' follows where a value was expected (':')",
        "quote a value that holds ': ', or check the indentation",
    ),
    (
        "a: 1\n b: 2",
        "2:3 this is not YAML: a second ':' follows where a value was expected (':')",
        "quote a value that holds ': ', or check the indentation",
    ),
    (
        "a:\n\tb: 1",
        "2:1 this is not YAML: no value can begin with this character",
        "indent with spaces, never with tabs",
    ),
    (
        "a:\n  b: 1\n\tc: 2",
        "3:1 this is not YAML: a tab indents this line",
        "indent with spaces, never with tabs",
    ),
    (
        "m: *.edi",
        "1:4 this is not YAML: an alias cannot be named like this ('*')",
        'quote a value that begins with *: "*.edi"',
    ),
    ("m: *x", "1:4 *x: aliases are not used here", 'quote a value that begins with *: "*.edi"'),
    (
        "m: &x y",
        "1:4 &x: anchors are not used here",
        "quote a value that begins with &; anchors are not used here",
    ),
    (
        "m: !!python/object:os.system x",
        "1:4 tag:yaml.org,2002:python/object:os.system: tags are not used here",
        "quote a value that begins with !; tags are not used here",
    ),
    ("a: 1\nb: 2\na: 3", "3:1 a: written twice", "remove one of them"),
    ("a: {b: 1, b: 2}", "1:11 b: written twice", "remove one of them"),
    ("a: [1", "1:4 this is not YAML: '[' is opened here and never closed", "close it with ]"),
    ("a: [\n", "2:1 this is not YAML: the file ends inside [ or {", "close it with ] or }"),
    ('a: "x', "1:4 this is not YAML: a quotation mark is opened here and never closed", 'close it with "'),
    (
        "a:\n  b: 1\n c: 2",
        "3:2 this is not YAML: this does not belong to the mapping around it ('c')",
        "begin the keys of one mapping in the same column",
    ),
    (
        "a: 1\nb\nc: 2",
        "2:1 this is not YAML: this key has no ':' after it ('b')",
        "write KEY: VALUE, or quote a text that goes on in the next line",
    ),
    (
        'a: "\\q"',
        "1:5 this is not YAML: found unknown escape character ('\\\\')",
        "write a backslash in single quotes: 'a\\b'",
    ),
    (
        "- a\nb: c",
        "2:1 this is not YAML: a list goes on with '- ', and this does not begin with it ('b')",
        "begin the items of one list in the same column, each with '- '",
    ),
    ("a: b\n---\nc: d", "2:1 a second document begins here", "one file holds one document; remove ---"),
    ("? [a]\n: b", "1:3 a key is a mapping or a list", "keys are text; quote a key that has brackets"),
    ("a: \x07", "1:4 character U+0007 does not belong in a text file", "save the file as UTF-8 text"),
    ("ab\nc\x00", "2:2 character U+0000 does not belong in a text file", "save the file as UTF-8 text"),
    ("a: \ud800", "1:4 character U+D800 does not belong in a text file", "save the file as UTF-8 text"),
    ("[" * 100_000, f"1:{DEEPEST + 1} nested deeper than {DEEPEST} levels", "nothing here needs that depth"),
    (
        "{a: " * 100_000,
        f"1:{4 * DEEPEST + 1} nested deeper than {DEEPEST} levels",
        "nothing here needs that depth",
    ),
    (
        "- " * 100_000,
        f"1:{2 * DEEPEST + 1} nested deeper than {DEEPEST} levels",
        "nothing here needs that depth",
    ),
    ("a" * (LARGEST + 1), "1:1 larger than 8 MiB", "split the file"),
]


@pytest.mark.parametrize(("text", "expected", "fix"), BROKEN, ids=[text[:12] for text, *_ in BROKEN])
def test_broken(text, expected, fix):
    with pytest.raises(SetupError) as raised:
        load(text, "f.yaml")
    first = raised.value.faults[0]
    assert (f"{first.mark} {first.what}", first.fix) == (f"f.yaml:{expected}", fix)


def test_all_faults_come_at_once():
    with pytest.raises(SetupError) as raised:
        load("a: *x\nb: &y z\na: 1\nc: @", "f.yaml")
    assert [str(fault.mark) for fault in raised.value.faults] == [
        f"f.yaml:{at}" for at in ("1:4", "2:4", "3:1", "4:4")
    ]
    assert raised.value.faults[2].why == "also on line 1; only one of them could count"


def test_an_entity_bomb_is_refused_at_once():
    bomb = "a: &a [x,x]\n" + "".join(
        f"{c}: &{c} [*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(SetupError, match="aliases are not used"):
        load(bomb, "f.yaml")


TEXT = """\
partner: acme
channels:
  drop:
    sftp: {host: h, port: 22}
    pull:
      - a
      - b: c
receive: {850: x}
"""
MARKS = [
    ((), False, (1, 1)),
    (("partner",), False, (1, 10)),
    (("partner",), True, (1, 1)),
    (("channels",), False, (2, 1)),
    (("channels", "drop"), False, (3, 3)),
    (("channels", "drop", "sftp"), False, (4, 11)),
    (("channels", "drop", "sftp"), True, (4, 5)),
    (("channels", "drop", "sftp", "port"), False, (4, 27)),
    (("channels", "drop", "sftp", "port"), True, (4, 21)),
    (("channels", "drop", "pull"), False, (5, 5)),
    (("channels", "drop", "pull", 0), False, (6, 9)),
    (("channels", "drop", "pull", 1, "b"), False, (7, 12)),
    (("receive", 850), False, (8, 16)),
    (("receive", "850"), True, (8, 11)),
    (("channels", "<tag>", "drop", "sftp", "nothing"), False, (4, 11)),
    (("nothing", "here"), False, (1, 1)),
]


@pytest.mark.parametrize(("path", "key", "place"), MARKS)
def test_marks(path, key, place):
    mark = load(TEXT, "f.yaml").mark_of(path, key)
    assert (mark.file, mark.line, mark.column) == ("f.yaml", *place)


def test_a_part_keeps_its_marks():
    part = load(TEXT, "f.yaml").at(("channels", "drop"))
    assert part.data["sftp"] == {"host": "h", "port": "22"}
    assert part.mark_of(("sftp", "host")).line == 4
    assert load(TEXT, "f.yaml").at(("channels", "nothing")) is None


def test_merge():
    base = load("a: 1\nb: {c: 2, d: 3}\ne: [1, 2]\ng: {h: i}", "base.yaml")
    over = load("b: {c: 4, d: ~, x: 5}\ne: [3]\ng: text\nnot: ~", "over.yaml")
    merged = merge(base, over)
    assert merged.data == {"a": "1", "b": {"c": "4", "x": "5"}, "e": ["3"], "g": "text"}
    assert [str(merged.mark_of(path)) for path in (("a",), ("b", "c"), ("b", "x"), ("e", 0))] == [
        "base.yaml:1:4",
        "over.yaml:1:8",
        "over.yaml:1:20",
        "over.yaml:2:5",
    ]
    assert base.data["b"] == {"c": "2", "d": "3"}


def test_without():
    assert load("a: 1\nb: 2", "f").without("a").data == {"b": "2"}
    assert load("a: 1", "f").without("z").data == {"a": "1"}
    assert load("- a", "f").without("a").data == ["a"]


CLOSE = [
    ("identites", ["identities", "channels"], "did you mean identities?"),
    ("xyz", ["b", "a"], "known: a, b"),
    ("x", [], "leave it out, there is none yet"),
    (
        "q",
        [f"n{n:02}" for n in range(25)],
        "known: " + ", ".join(f"n{n:02}" for n in range(20)) + ", and 5 more",
    ),
]


@pytest.mark.parametrize(("word", "known", "expected"), CLOSE)
def test_close(word, known, expected):
    assert close(word, known) == expected


WORDS = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn"), exclude_characters="\ufeff"), max_size=20
)
DATA = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=20,
)


@given(DATA)
@settings(deadline=None)
def test_what_json_says_is_read_as_it_is(data):
    assert load(json.dumps(data, ensure_ascii=False), "f.yaml").data == data


SNIPPETS = st.sampled_from(
    [
        "a",
        ": ",
        "\n",
        "  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a ",
        "*a",
        "!x ",
        "|",
        ">",
        '"',
        "'",
        "#",
        "\t",
        "? ",
        "---",
        "...",
        "%",
        "@",
        "~",
        "\ufeff",
        "\x85",
        "\u2028",
        "\x00",
        "\\",
        "é",
        "<<: ",
    ]
)


@given(st.lists(SNIPPETS | st.text(max_size=3), max_size=40).map("".join))
@settings(max_examples=500, deadline=None)
def test_hostile_text_is_data_or_a_setup_error(text):
    faults, marked = [SetupFault(Mark("f.yaml"), "none")], None
    try:
        marked = load(text, "f.yaml")
    except SetupError as error:
        faults = error.faults
    assert faults
    assert all(fault.mark.line >= 1 and fault.mark.column >= 1 for fault in faults)
    if marked is not None:
        assert merge(marked, marked).mark_of(("a", 0, "b"), key=True).file == "f.yaml"
