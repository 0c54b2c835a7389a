"""What pydantic finds -> faults an engineer understands, each at its place in the file, with the fix."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gateway.errors import SetupFault
from gateway.faults import shown
from gateway.marked_yaml import Marked, close
from gateway.profiles.words import kind_of

M = TypeVar("M", bound=BaseModel)
Steps = tuple[str | int, ...]

# Keys whose value can only be a secret, whatever the model around them says.
SECRET_KEY = re.compile(
    r"(?:.*[_-])?(?:password|passphrase|token|secret)|(?:.*[_-])?(?:api|private|ssh|sftp)[_-]?key|key"
)

# Below these of a request the fields have names of the system's, and places of an object as values.
SHAPED = frozenset({"body", "answer"})

NEEDS = {
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "text",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "bool_parsing": "true or false",
}


BOUNDS = {
    "gt": "more than {}",
    "ge": "at least {}",
    "lt": "less than {}",
    "le": "at most {}",
    "max_length": "at most {} characters long",
}
"""What pydantic calls a bound, and what it demands."""

WRITE = {
    "a mapping": "write `key: value` lines below it, without dashes",
    "a list": "write [one, two], or `- one` lines below it",
}
BEGIN = "write `key: value` lines; `gateway init DIR` lays out files to begin with"


@dataclass(frozen=True, slots=True)
class Judged(Generic[M]):
    """`model` when nothing is wrong. Else `rest` is what is left of it without its faulty parts, if anything is,
    so that rules across files still see it; `cut` are the top-level keys that lost something."""

    model: M | None
    rest: M | None
    cut: frozenset[str]
    faults: tuple[SetupFault, ...]


def judge(kind: type[M], marked: Marked, whole: str) -> Judged[M]:
    """The data as this model, or every fault at once. `whole` is what a person calls the file: `the profile`."""
    data = present(marked.data)
    if not isinstance(data, dict):
        return Judged(
            None,
            None,
            frozenset(),
            (marked.fault((), f"{whole} needs keys, not {kind_of(data)}", fix=BEGIN),),
        )
    faults = list(literal_secrets(marked, data))
    seen = {fault.mark for fault in faults}
    errors, model = attempt(kind, data)
    if model is not None and not faults:
        return Judged(model, model, frozenset(), ())
    told = (explain(error, marked, kind, data, whole) for error in errors if not follows(error))
    faults += [fault for fault in told if fault.mark not in seen or fault.what.endswith("unknown key")]
    cut: set[str] = set()
    for _ in range(8):
        if model is not None or not errors:
            break
        cut |= {str(error["loc"][0]) for error in errors if error["loc"]}
        if not any([removed(data, error) for error in errors]):
            break
        errors, model = attempt(kind, data)
    return Judged(None, model, frozenset(cut), tuple(faults))


def attempt(kind: type[M], data: dict[str, Any]) -> tuple[list[ErrorDetails], M | None]:
    try:
        return [], kind.model_validate(data)
    except ValidationError as error:
        return error.errors(include_url=False), None


def present(data: Any) -> Any:
    """The data without what is stated as nothing: `~` says that a key is not wanted."""
    if isinstance(data, dict):
        return {key: present(value) for key, value in data.items() if value is not None}
    return [present(item) for item in data] if isinstance(data, list) else data


def literal_secrets(marked: Marked, data: Any, path: Steps = ()) -> Iterator[SetupFault]:
    """Whatever stands where only a reference may. The value itself is never repeated."""
    steps: Iterable[tuple[Any, Any]] = data.items() if isinstance(data, dict) else enumerate(data)
    for step, value in steps:
        here = (*path, step)
        if "requests" in path and (step in SHAPED or (isinstance(value, str) and "{{" in value)):
            continue
        if isinstance(value, dict | list):
            yield from literal_secrets(marked, value, here)
        elif isinstance(step, str) and SECRET_KEY.fullmatch(step.lower()) and not value.startswith("secret:"):
            yield marked.fault(
                here,
                f"{dotted(here)}: a secret is written out here",
                "whoever reads the profile, its history or a backup would have it",
                "change it, store it as a secret, and write secret:NAME",
            )


def explain(
    error: ErrorDetails, marked: Marked, kind: type[BaseModel], data: dict[str, Any], whole: str
) -> SetupFault:
    """One finding of the model, in words."""
    at = steps_of(error, data)
    return EXPLAINED.get(error["type"], other)(Finding(error, at, marked, kind, data, whole))


@dataclass(frozen=True, slots=True)
class Finding:
    error: ErrorDetails
    at: Steps
    marked: Marked
    kind: type[BaseModel]
    data: dict[str, Any]
    whole: str

    @property
    def context(self) -> dict[str, Any]:
        return dict(self.error.get("ctx") or {})

    @property
    def on_key(self) -> bool:
        return "[key]" in self.error["loc"]

    def fault(self, what: str, why: str = "", fix: str = "", *, key: bool = False) -> SetupFault:
        here = dotted(self.at) or self.whole
        return self.marked.fault(self.at, f"{here}: {what}", why, fix, key=key or self.on_key)


def unknown_key(finding: Finding) -> SetupFault:
    tag = str(finding.error["loc"][-2]) if len(finding.error["loc"]) > 1 else ""
    if finding.at[-1] in ("pull", "push") and is_tag(tag):
        verb = {"pull": "is fetched from", "push": "is put to"}[str(finding.at[-1])]
        noun = "system" if finding.at[0] == "systems" else "channel"
        kind = tag.strip("<>")
        article = "an" if kind[0] in "aeiou" else "a"
        return finding.fault(f"nothing {verb} {article} {kind} {noun}", fix="remove it", key=True)
    known = known_keys(finding.kind, finding.error["loc"][:-1])
    return finding.fault("unknown key", fix=close(finding.at[-1], known), key=True)


def missing(finding: Finding) -> SetupFault:
    around, last = finding.at[:-1], finding.at[-1]
    what = f"{dotted(around) or finding.whole} lacks {last}"
    return finding.marked.fault(around, what, fix=f"add {last}:", key=True)


def wrong_word(finding: Finding) -> SetupFault:
    context = finding.context
    return finding.fault(str(context["what"]), str(context["why"]), str(context["fix"]))


def wrong_choice(finding: Finding) -> SetupFault:
    known = re.findall(r"'([^']*)'", finding.context["expected"])
    came = finding.error["input"]
    named = shown(came) if isinstance(came, str) else kind_of(came)
    return finding.fault(f"{named} is not one of them", fix=close(came, known))


def wrong_kinds(finding: Finding) -> SetupFault:
    """None of a union's keys is there, or several are."""
    known = [tag.strip("<>") for tag in re.findall(r"<\w+>", finding.context.get("expected_tags", ""))]
    came = finding.error["input"]
    found = [key for key in known if isinstance(came, dict) and key in came]
    noun = {"channels": "channel speaks exactly one protocol", "systems": "system has exactly one connector"}
    says = noun.get(str(finding.at[0]), "entry has exactly one kind")
    others = [key for key in came if key not in known] if isinstance(came, dict) else []
    near = next((said for key in others if (said := close(key, known)).startswith("did")), "")
    fix = "keep one of them" if found else near or close("", [key for key in known if key != "mailbox"])
    return finding.fault(f"a {says}, here {' and '.join(found) or 'none'}", fix=fix, key=True)


def said_by_module(finding: Finding) -> SetupFault:
    """A ValueError of a protocol's own validators: `is not a folder; write a path without ..`"""
    says = finding.error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    what, _, fix = says.partition("; ")
    return finding.fault(what, fix=fix)


def empty(finding: Finding) -> SetupFault:
    text = finding.error["type"] == "string_too_short"
    return finding.fault("is empty", fix="write it" if text else "say at least one")


def out_of_bounds(finding: Finding) -> SetupFault:
    context, came = finding.context, finding.error["input"]
    name = next(one for one in BOUNDS if one in context)
    bound = context[name]
    needed = BOUNDS[name].format(f"{bound:g}" if isinstance(bound, float) else bound)
    told = f"{came:g}" if isinstance(came, float) else shown(str(came)).strip("'")
    return finding.fault(f"{told} is not {needed}", fix=f"write what is {needed}")


def follows(error: ErrorDetails) -> bool:
    """Whether it only says that nothing is left of a list whose items are all at fault, as they say themselves."""
    return error["type"] == "too_short" and bool(error["input"])


def other(finding: Finding) -> SetupFault:
    came = finding.error["input"]
    if needed := NEEDS.get(finding.error["type"]):
        named = (
            shown(came) if isinstance(came, str) and needed not in ("a mapping", "a list") else kind_of(came)
        )
        return finding.fault(f"needs {needed}, not {named}", fix=WRITE.get(needed, f"write {needed}"))
    message = finding.error["msg"]
    return finding.fault(
        message[:1].lower() + message[1:], fix="`gateway schema profile` prints all that fits"
    )


EXPLAINED: dict[str, Callable[[Finding], SetupFault]] = {
    "extra_forbidden": unknown_key,
    "missing": missing,
    "word": wrong_word,
    "literal_error": wrong_choice,
    "union_tag_invalid": wrong_kinds,
    "union_tag_not_found": wrong_kinds,
    "value_error": said_by_module,
    **dict.fromkeys(("too_short", "string_too_short"), empty),
    **dict.fromkeys(
        ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "string_too_long"),
        out_of_bounds,
    ),
}


def steps_of(error: ErrorDetails, data: Any) -> Steps:
    """The path in the data, without the marks pydantic puts between: `[key]`, and the tags of our unions."""
    steps: list[str | int] = []
    for step in error["loc"]:
        there = has(data, step)
        if there or (step != "[key]" and not is_tag(step)):
            steps.append(step)
        data = data[step] if there else data
    return tuple(steps)


def is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step.startswith("<") and step.endswith(">")


def dotted(path: Steps) -> str:
    return ".".join(map(str, path))


def removed(data: Any, error: ErrorDetails) -> bool:
    """Takes the faulty part out of the data; says whether there was anything to take."""
    path = steps_of(error, data)
    holder: tuple[Any, Any] | None = None
    for step in path[:-1] if error["type"] == "missing" else path:
        if has(data, step):
            holder = (data, step)
            data = data[step]
    if holder is None:
        return False
    del holder[0][holder[1]]
    return True


def has(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def known_keys(kind: type[BaseModel], path: Iterable[str | int]) -> list[str]:
    """The keys a model allows where the path leads."""
    kinds = list(leaves(kind))
    for step in path:
        if is_tag(step):
            kinds = [kind for kind in kinds if list(below_of(kind, str(step)[1:-1]))] or kinds
        else:
            kinds = [leaf for below in kinds for leaf in below_of(below, step)] or kinds
    models = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
    keys = [field.alias or name for model in models for name, field in model.model_fields.items()]
    return keys or [str(key) for one in kinds for key in literal_keys(one)]


def below_of(kind: Any, step: str | int) -> Iterator[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if (field.alias or name) == step:
                yield from leaves(field.annotation)
    elif get_origin(kind) in (dict, list, tuple):
        inner = get_args(kind)
        yield from leaves(inner[1] if get_origin(kind) is dict else inner[0])


def leaves(kind: Any) -> Iterator[Any]:
    """The types an annotation may stand for, without what is wrapped around them."""
    if get_origin(kind) is Annotated:
        yield from leaves(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            yield from leaves(one)
    elif kind is not type(None):
        yield kind


def literal_keys(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is dict and get_origin(get_args(kind)[0]) is Literal:
        yield from get_args(get_args(kind)[0])
