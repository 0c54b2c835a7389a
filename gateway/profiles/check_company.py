"""The rules for company.yaml: what it names must exist, and tests must not reach what is live."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.canonical import DOCUMENTS
from gateway.errors import SetupFault
from gateway.faults import shown
from gateway.marked_yaml import close
from gateway.profiles.check_channels import astray, misnamed
from gateway.profiles.explain import dotted, present
from gateway.profiles.house import House
from gateway.profiles.identities import ROOMS, bare, unwritable
from gateway.profiles.layers import environments_of, layered, overlaid
from gateway.profiles.not_yet import NOT_YET_OF_COMPANY, not_yet
from gateway.profiles.references import missing_references
from gateway.profiles.snapshot import COMPANY

Found = Iterator[SetupFault]
PRODUCTION = ("", "production")


def routes_lead_to_systems(house: House) -> Found:
    us, sheet = house.us, house.company
    if us is None or not sheet.has("routes", "systems"):
        return
    for document, name in us.routes.items():
        if name not in us.systems:
            what = f"routes.{document}: there is no system {name}"
            yield sheet.marked.fault(
                ("routes", document), what, fix=close(name, us.systems, "add it to systems:")
            )


def systems_take_what_is_routed(house: House) -> Found:
    """A system whose settings name the objects it takes must name those that are routed to it."""
    us, sheet = house.us, house.company
    if us is None or not sheet.has("routes", "systems"):
        return
    for document, name in us.routes.items():
        takes = getattr(us.systems[name].settings, "takes", None) if name in us.systems else None
        if takes and not takes(document):
            what = f"routes.{document}: {name} does not say how it takes one"
            fix = f"add requests.{document} to systems.{name}.{us.systems[name].connector}"
            yield sheet.marked.fault(("routes", document), what, "it would be held", fix, warning=True)


def objects_exist(house: House) -> Found:
    us, sheet = house.us, house.company
    for document in us.routes if us is not None and sheet.has("routes") else ():
        if document not in (*DOCUMENTS, "*"):
            what = f"routes.{document}: there is no such object"
            yield sheet.marked.fault(("routes", document), what, fix=close(document, DOCUMENTS), key=True)


def requests_say_what_is_meant(house: House) -> Found:
    us, sheet = house.us, house.company
    for name, system in (us.systems if us is not None and sheet.has("systems") else {}).items():
        doubts = getattr(system.settings, "doubts", None)
        for path, what, why, fix in doubts() if doubts else ():
            place = ("systems", name, system.connector, *path)
            told = f"{dotted(place)}: {what}"
            yield sheet.marked.fault(place, told, why, fix, warning=True)


def tokens_are_their_own(house: House) -> Found:
    """A token says which system speaks; one that two have says nothing."""
    us, sheet = house.us, house.company
    owners: dict[str, str] = {}
    for name, system in (us.systems if us is not None and sheet.has("systems") else {}).items():
        for number, reference in enumerate(system.token):
            owner = owners.setdefault(reference, name)
            if owner != name:
                what = f"systems.{name}.token: {reference} is {owner}'s too"
                fix = "give each a token of its own"
                yield sheet.marked.fault(
                    ("systems", name, "token", number), what, "it would speak for neither", fix
                )


def pulls_lead_somewhere(house: House) -> Found:
    us, sheet = house.us, house.company
    for name, system in (us.systems if us is not None and sheet.has("systems") else {}).items():
        if system.pulls is not None and not any(looked for _, looked in system.folders.values()):
            what = f"systems.{name}.pull: {system.connector} has no from:"
            fix = f"add from: to {system.connector}, or remove pull:"
            yield sheet.marked.fault(("systems", name, "pull"), what, "it leads nowhere", fix, key=True)


def secrets_travel_hidden(house: House) -> Found:
    us, sheet = house.us, house.company
    for name, system in (us.systems if us is not None and sheet.has("systems") else {}).items():
        if why := getattr(system.settings, "exposed", ""):
            place = ("systems", name, system.connector, "url")
            what = f"systems.{name}: secrets travel in the clear ({why})"
            yield sheet.marked.fault(place, what, "whoever listens can use them", "https", warning=True)


def defaults_exist(house: House) -> Found:
    us, sheet = house.us, house.company
    if us is None or not sheet.has("defaults", "calendars", "contacts"):
        return
    calendar = us.defaults.calendar
    if calendar and calendar not in us.calendars:
        what = f"defaults.calendar: there is no calendar {calendar}"
        yield sheet.marked.fault(("defaults", "calendar"), what, fix=close(calendar, us.calendars))
    for event, names in us.defaults.alerts.items():
        for number, name in enumerate(names):
            if "@" not in name and name not in us.contacts:
                what = f"defaults.alerts.{event}: there is no contact {name}"
                yield sheet.marked.fault(
                    ("defaults", "alerts", event, number), what, fix=close(name, us.contacts)
                )


def our_identities_fit(house: House) -> Found:
    for name, organisation in (house.us.organisations if house.us else {}).items():
        for standard in ROOMS:
            for number, identity in enumerate(organisation.known_as(standard)):
                place = ("company", name, "identities", standard, number)
                told = f"company.{name}.identities.{standard}: {shown(identity)}"
                if wrong := unwritable(identity, standard):
                    what = f"{told} is no identity in {standard.upper()}"
                    yield house.company.marked.fault(place, what, *wrong)
                elif doubt := bare(identity, standard):
                    what = f"{told} has no qualifier"
                    yield house.company.marked.fault(place, what, *doubt, warning=True)


def served(house: House) -> Found:
    """What stands in company.yaml but no module serves yet is said, and stops nothing."""
    us, sheet = house.us, house.company
    if us is None:
        return
    for name, channel in us.channels.items():
        if channel.shared or channel.protocol not in house.around.protocols:
            what = f"channels.{name}: this gateway does not speak {channel.protocol} yet"
            fix = f"use one of {', '.join(sorted(house.around.protocols))}, in the partners' profiles"
            yield sheet.marked.fault(("channels", name), what, "nothing travels over it", fix, warning=True)


def channels_lead_somewhere(house: House) -> Found:
    ours = house.us.channels if house.us else {}
    yield from astray(house.company.marked, ours)
    yield from misnamed(house.company.marked, ours)


def environment_is_declared(house: House) -> Found:
    """GATEWAY_ENVIRONMENT with a slip of the finger would run on production's systems."""
    chosen = house.around.environment
    declared = declared_environments(house)
    if house.us is not None and chosen not in PRODUCTION and chosen not in declared:
        what = f"environments: GATEWAY_ENVIRONMENT is {chosen}, which is not declared here"
        why = "the systems of production would be used"
        yield house.company.marked.fault(
            (), what, why, close(chosen, declared) if declared else f"add environments: {chosen}:"
        )


def declared_environments(house: House) -> list[str]:
    if COMPANY not in house.texts:
        return []
    marked = layered(COMPANY, house.texts).marked
    return environments_of(marked)[0] if marked is not None else []


def tests_have_their_own_systems(house: House) -> Found:
    """In any other environment than production, each system is another one, or says that it takes tests."""
    us, chosen = house.us, house.around.environment
    if us is None or chosen not in declared_environments(house) or chosen in PRODUCTION:
        return
    marked = layered(COMPANY, house.texts).marked
    live = present(overlaid(marked, "").data).get("systems", {}) if marked is not None else {}
    here = present(house.company.marked.data).get("systems", {})
    for name, system in us.systems.items():
        if not system.test and live.get(name) == here.get(name):
            what = f"systems.{name}: {chosen} would use the system of production"
            fix = f"add environments.{chosen}.systems.{name}, or test: true to a system both may use"
            yield house.company.marked.fault(
                ("systems", name), what, "test and production never mix", fix, key=True
            )


def company_references(house: House) -> Found:
    return missing_references(house.company.marked, house.texts, house.around.secrets, lax=False)


def keys_that_act(house: House) -> Found:
    return not_yet(house.company.marked, house.company.judged.cut, NOT_YET_OF_COMPANY)


COMPANY_RULES: tuple[Callable[[House], Found], ...] = (
    routes_lead_to_systems,
    systems_take_what_is_routed,
    objects_exist,
    requests_say_what_is_meant,
    tokens_are_their_own,
    pulls_lead_somewhere,
    secrets_travel_hidden,
    defaults_exist,
    our_identities_fit,
    served,
    channels_lead_somewhere,
    environment_is_declared,
    tests_have_their_own_systems,
    company_references,
    keys_that_act,
)
