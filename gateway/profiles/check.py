"""What one file alone cannot know: partners against each other, against ourselves, and against what exists.

Each rule looks at one partner, names the parts of the profile it needs (it is not asked where a fault has cut one
of them off), and yields faults. A new rule is a function and a row of `RULES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from gateway.faults import shown
from gateway.marked_yaml import close
from gateway.profiles.agreements import conditions
from gateway.profiles.check_channels import CHANNEL_RULES, Found, PartnerSheet, Rule
from gateway.profiles.check_company import COMPANY_RULES
from gateway.profiles.check_maps import MAP_RULES, kind_of
from gateway.profiles.check_pairs import Blamed, faults_between
from gateway.profiles.house import House
from gateway.profiles.identities import ROOMS, bare, same_identity, unwritable
from gateway.profiles.not_yet import not_yet
from gateway.profiles.partner import Partner
from gateway.profiles.references import missing_references
from gateway.profiles.senders import COMPANY, SYSTEM
from gateway.profiles.standards import ACKNOWLEDGMENTS, RECEIPTS
from gateway.profiles.words import Term

OUR_OWN = (COMPANY, SYSTEM)
"""Owners of channels that are no partners: `company.van`, `system.erp`."""
WILD = "*?["
ADD = "add it to {}: in company.yaml"


def faults_of(house: House, before: Mapping[str, str] | None = None) -> list[Blamed]:
    """Every fault of the house, each with the file that must change. `before` tells which files are new."""
    found = [(COMPANY_FILE, fault) for fault in house.company.faults]
    for rule in COMPANY_RULES:
        found += [(fault.mark.file, fault) for fault in rule(house)]
    for file, sheet in house.partners.items():
        own = [*sheet.faults, *rules_on(sheet, house)]
        found += [(fault.mark.file if fault.mark.file in sheet.sources else file, fault) for fault in own]
    found += faults_between(house, before or {})
    return list(dict.fromkeys([*found, *house.loose]))


def rules_on(sheet: PartnerSheet, house: House) -> Found:
    """A place that is already at fault is not spoken of again."""
    partner = sheet.rest
    if partner is None:
        return
    said = {fault.mark for fault in sheet.faults}
    for needs, rule in RULES:
        if sheet.has(*needs):
            yield from (fault for fault in rule(sheet, partner, house) if fault.mark not in said)


def file_and_name(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    if sheet.stem != partner.partner:
        what = f"partner: the file is {sheet.stem}.yaml, the partner {partner.partner}"
        yield sheet.marked.fault(("partner",), what, fix="rename one of them")
    if partner.partner in OUR_OWN:
        what = f"partner: {partner.partner} is the name of what is our own"
        yield sheet.marked.fault(("partner",), what, "its channels would be taken for ours", "another name")


def identities_fit(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    for standard in ROOMS:
        for number, identity in enumerate(partner.known_as(standard)):
            place, told = ("identities", standard, number), f"identities.{standard}: {shown(identity)}"
            if wrong := unwritable(identity, standard):
                yield sheet.marked.fault(place, f"{told} is no identity in {standard.upper()}", *wrong)
            elif doubt := bare(identity, standard):
                yield sheet.marked.fault(place, f"{told} has no qualifier", *doubt, warning=True)


def not_ourselves(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    organisations = house.us.organisations if house.us else {}
    for standard, identity, place in partner.claims():
        for name, organisation in organisations.items():
            if any(same_identity(identity, own) for own in organisation.known_as(standard)):
                what = f"identities.{standard}: {identity} is our own ({name})"
                fix = "write their identity here; ours is in company.yaml"
                yield sheet.marked.fault(place, what, "host and guest are swapped", fix)


def systems_exist(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    if house.us is None or not house.company.has("systems"):
        return
    named: list[tuple[tuple[str, ...], str]] = [(("accounts", name), name) for name in partner.accounts]
    for key, receive in partner.receive.items():
        named += [(("receive", key, "route"), receive.route)] if receive.route else []
    for place, name in named:
        if name not in house.us.systems:
            what = f"{'.'.join(place)}: company.yaml has no system {name}"
            yield sheet.marked.fault(
                place,
                what,
                fix=close(name, house.us.systems, ADD.format("systems")),
                key=place[0] == "accounts",
            )


def organisations_exist(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    known = house.us.organisations if house.us else {}
    named: list[tuple[tuple[str, ...], str | None]] = [(("as",), partner.as_)]
    named += [((side, key, "as"), entry.as_) for side, key, entry in partner.entries()]
    for place, name in named:
        if name and known and name not in known:
            what = f"{'.'.join(place)}: {name} is none of us in company.yaml"
            yield sheet.marked.fault(place, what, fix=close(name, known, ADD.format("company")))


def calendar_exists(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    known = house.us.calendars if house.us else {}
    if partner.calendar and house.us and partner.calendar not in known:
        what = f"calendar: company.yaml has no calendar {partner.calendar}"
        yield sheet.marked.fault(
            ("calendar",), what, fix=close(partner.calendar, known, ADD.format("calendars"))
        )


def contacts_exist(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    known = {*partner.contacts, *(house.us.contacts if house.us else ())}
    for event, names in partner.alerts.items():
        for number, name in enumerate(names):
            if "@" not in name and name not in known:
                what = f"alerts.{event}: there is no contact {name}"
                yield sheet.marked.fault(
                    ("alerts", event, number),
                    what,
                    fix=close(name, known, "add it to contacts:, or write an address"),
                )


def answers_exist(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """What is expected after a document must be something that can come."""
    for side, key, entry in partner.entries():
        theirs = partner.send if side == "receive" else partner.receive
        known = {kind_of(name) for name in theirs} | {*theirs} | {*ACKNOWLEDGMENTS, *RECEIPTS}
        for expected in entry.expect:
            if expected not in known:
                verb = "send" if side == "receive" else "receive"
                what = f"{side}.{key}.expect: {expected}, but no {verb} entry has it"
                place = (side, key, "expect", expected)
                yield sheet.marked.fault(
                    place, what, fix=f"add {expected} under {verb}:", key=True, warning=True
                )


def warnings_come_first(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """A warning at or behind the deadline is none."""
    for side, key, entry in partner.entries():
        for expected, term in entry.expect.items():
            if term.warn and not_before(term.warn, term.within):
                place = (side, key, "expect", expected, "warn")
                what = f"{'.'.join(place)}: {term.warn} is not before within: {term.within}"
                why, fix = "nothing would be told before it is late", "warn earlier, or leave it out"
                yield sheet.marked.fault(place, what, why, fix, warning=True)


def not_before(one: Term, other: Term) -> bool:
    """Whether it surely is no shorter; how many hours a business day has is the calendar's."""
    comparable = one.unit == other.unit or not (one.business or other.business)
    return comparable and one.elapsed >= other.elapsed


def no_ties(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """Two entries of one type that state as much and fit the same arrival: which one held would be chance."""
    seen: list[tuple[str, Mapping[str, str]]] = []
    for key, receive in partner.receive.items():
        stated = conditions(key, receive)
        for other, theirs in seen:
            if kind_of(key) == kind_of(other) and len(stated) == len(theirs) and not apart(stated, theirs):
                what = f"receive.{key}: fits the same arrivals as receive.{other}"
                why, fix = (
                    "which one holds would be chance",
                    "tell them apart by when: version, association, group, file or topic",
                )
                yield sheet.marked.fault(("receive", key), what, why, fix, key=True)
        seen.append((key, stated))


def apart(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether some condition keeps the two from ever holding together."""
    return any(key in other and not may_meet(one[key], other[key]) for key in one)


def may_meet(one: str, other: str) -> bool:
    """Whether some text fits both patterns; two patterns meet where what stands before their first wildcard agrees."""
    wild_one, wild_other = (any(char in text for char in WILD) for text in (one, other))
    if not wild_one or not wild_other:
        return fnmatchcase(one, other) if not wild_one else fnmatchcase(other, one)
    ahead = [text[: min(text.find(char) for char in WILD if char in text)] for text in (one, other)]
    return ahead[0].startswith(ahead[1]) or ahead[1].startswith(ahead[0])


def stages_apart(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """A live partner's documents never reach a system for tests."""
    if house.us is None or partner.stage != "live" or house.around.environment not in ("", "production"):
        return
    for key, receive in partner.receive.items():
        system = house.us.systems.get(receive.route or "")
        if system is not None and system.test:
            what = f"receive.{key}.route: {receive.route} takes test documents, and the partner is live"
            yield sheet.marked.fault(
                ("receive", key, "route"), what, "test and production never mix", "choose another system"
            )


def live_has_samples(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    samples = house.around.samples
    if partner.stage == "live" and samples is not None and partner.partner not in samples:
        what = "stage: live without sample documents"
        fix = f"put a real document and what becomes of it into sample_documents/{partner.partner}/, and certify"
        yield sheet.marked.fault(("stage",), what, "nothing proves that the maps fit", fix, warning=True)


def references_lead_somewhere(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    return missing_references(sheet.marked, house.texts, house.around.secrets, lax=not partner.active)


def keys_that_act(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    return not_yet(sheet.marked, sheet.judged.cut)


COMPANY_FILE = "company.yaml"
RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("partner",), file_and_name),
    (("identities",), identities_fit),
    (("identities",), not_ourselves),
    *MAP_RULES,
    *CHANNEL_RULES,
    (("receive", "accounts"), systems_exist),
    (("as", "receive", "send"), organisations_exist),
    (("calendar",), calendar_exists),
    (("alerts", "contacts"), contacts_exist),
    (("receive", "send"), answers_exist),
    (("receive", "send"), warnings_come_first),
    (("receive",), no_ties),
    (("stage", "receive"), stages_apart),
    (("stage",), live_has_samples),
    ((), references_lead_somewhere),
    ((), keys_that_act),
)
