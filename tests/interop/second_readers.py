"""Two readers of X12 that share no code with ours, and what they have against a document: pyx12 and badx12."""

from __future__ import annotations

import collections
import collections.abc
import importlib
import io
import logging
import shutil
import sys
import types
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from unittest import mock

from defusedxml import ElementTree
from pyx12.params import ParamsBase
from pyx12.x12file import X12Reader
from pyx12.x12n_document import x12n_document

# pyx12's guides are those of health care in the United States: who may send, what an acknowledgment may be about, by
# which implementation guide a 999 is written, that no interchange goes without a group. All else is the standard's.
OF_ANY_CODE = ("ISA05", "ISA07", "GS08", "AK101", "AK201", "ST03")
AS_OFTEN_AS_ONE_LIKES = ("GS_LOOP", "TA1")

Segments = list[list[str]]


def pyx12_segments(interchange: bytes) -> Segments:
    """The segments as pyx12 reads them; raises AssertionError with what it has against the envelopes."""
    reader = X12Reader(io.StringIO(interchange.decode(), newline=""))
    element, component = interchange.decode()[3], interchange.decode()[104]
    found = [segment.format("", element, component).split(element) for segment in reader]
    reader.cleanup()
    errors = reader.pop_errors()
    if errors:
        raise AssertionError(errors)
    return found


def pyx12_guides(folder: Path) -> Path:
    """pyx12's guides in a folder of their own, those of the acknowledgments without what is health care's alone."""
    with as_file(files("pyx12").joinpath("map")) as shipped:
        shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("8*", "27*"))
    for name in ("997.4010.xml", "999.5010.xml", "x12.control.00401.xml", "x12.control.00501.xml"):
        opened(ElementTree.parse(folder / name)).write(folder / name)
    index = (folder / "maps.xml").read_text()
    known = '<map vriic="005010X231" fic="FA"'
    also = f'{known.replace("X231", "")} abbr="999">999.5010.xml</map>{known}'
    (folder / "maps.xml").write_text(index.replace(known, also))
    return folder


def opened(guide: Any) -> Any:
    """The guide without what is health care's alone."""
    nodes = [node for node in guide.iter() if node.get("xid") in (*OF_ANY_CODE, *AS_OFTEN_AS_ONE_LIKES)]
    for node in nodes:
        node.find("usage").text = "S"
        for codes in node.findall("valid_codes"):
            node.remove(codes)
        for limit in (*node.findall("repeat"), *node.findall("max_use")):
            limit.text = ">1"
    return guide


def pyx12_faults(interchange: bytes, guides: Path) -> list[str]:
    """Everything pyx12 has against the document by its guide."""
    said = Said()
    log = logging.getLogger("pyx12")
    log.addHandler(said)
    try:
        text = io.StringIO(interchange.decode(), newline="")
        good = x12n_document(ParamsBase(), text, None, None, map_path=str(guides))
    finally:
        log.removeHandler(said)
    return said.lines or ([] if good else ["it is not valid, and pyx12 does not say why"])


class Said(logging.Handler):
    """What was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def badx12() -> types.ModuleType:
    """The package, without its command line: that wants modules we do not install, and a name Python has dropped."""
    if "badx12" in sys.modules:
        return sys.modules["badx12"]
    absent = {name: types.ModuleType(name) for name in ("dicttoxml", "badx12.__main__", "badx12.commands")}
    absent["dicttoxml"].dicttoxml = absent["badx12.__main__"].cli = None
    with (
        mock.patch.dict(sys.modules, absent),
        mock.patch.object(collections, "Iterable", collections.abc.Iterable, create=True),
    ):
        package = importlib.import_module("badx12")
        loaded = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "badx12"}
    sys.modules.update({name: module for name, module in loaded.items() if name not in absent})
    return package


def badx12_segments(interchange: bytes) -> Segments:
    """The segments as badx12 reads them; raises AssertionError with what it has against them."""
    document = badx12().Parser().parse_document(interchange.decode())
    report = document.validate()
    if not report.is_document_valid():
        raise AssertionError([error.msg for error in report.error_list])
    found = [document.interchange.header]
    for group in document.interchange.groups:
        found.append(group.header)
        for one in group.transaction_sets:
            found += [one.header, *one.transaction_body, one.trailer]
        found.append(group.trailer)
    found.append(document.interchange.trailer)
    return [filled([field.content for field in segment.fields]) for segment in found]


def filled(elements: list[str]) -> list[str]:
    """Without the empty elements at the end, which badx12 makes up."""
    while elements and not elements[-1]:
        elements.pop()
    return elements
