"""Whether what is agreed can travel: channels that are there, lead somewhere, and take what we owe the partner.

The gateway's side of a channel is its `pull:` and `push:`; the protocol's settings say where these lead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from gateway.errors import SetupFault
from gateway.marked_yaml import Marked, close
from gateway.profiles.agreements import acknowledgments
from gateway.profiles.channel import Channel
from gateway.profiles.file_names import tells_apart, wrong_with
from gateway.profiles.house import House, Sheet
from gateway.profiles.partner import Partner
from gateway.profiles.standards import NEVER_ACKNOWLEDGED, standard_of
from gateway.profiles.standing import SETTLED

Found = Iterator[SetupFault]
PartnerSheet = Sheet[Partner]
Rule = Callable[[PartnerSheet, Partner, House], Found]


def channels_exist(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    for side, key, entry in partner.entries():
        for number, name in enumerate(entry.over):
            place = (side, key, "over", number)
            if name not in partner.channels:
                what = f"{side}.{key}.over: there is no channel {name}"
                yield sheet.marked.fault(
                    place, what, fix=close(name, partner.channels, "add it to channels:")
                )
            elif side == "send" and not partner.channels[name].sends:
                what = f"{side}.{key}.over: nothing can be sent over {name}"
                yield sheet.marked.fault(place, what, fix=sending_fix(partner, house))
    for name, channel in partner.channels.items():
        if channel.shared and house.us and channel.shared not in house.us.channels:
            what = f"channels.{name}: company.yaml has no channel {channel.shared}"
            yield sheet.marked.fault(
                ("channels", name), what, fix=close(channel.shared, house.us.channels, NONE_SHARED)
            )


def way_out(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """Everything we send has exactly one channel to leave over."""
    out = leaving(partner, house)
    if partner.send and not out:
        why = "no channel of theirs takes what we send"
        place = of_its_own(sheet, ("send",), ("channels",))
        fix = sending_fix(partner, house)
        yield sheet.marked.fault(place, "send: nothing here can send", why, fix, key=True)
    for key, entry in partner.send.items():
        if len(out) > 1 and not entry.over:
            what, why = f"send.{key}: over which channel?", f"{' and '.join(out)} could all carry it"
            place = of_its_own(sheet, ("send", key), ("channels",))
            yield sheet.marked.fault(place, what, why, f"over: {out[0]}", key=True)


def of_its_own(sheet: PartnerSheet, *places: tuple[str, ...]) -> tuple[str, ...]:
    """The first that the profile itself states, for its template serves others well; else the template's own."""
    own = (place for place in places if sheet.marked.mark_of(place, key=True).file == sheet.file)
    return next(own, places[0])


def leaving(partner: Partner, house: House) -> list[str]:
    """The channels that documents can leave over; a mailbox of the company's only where that can send."""
    ours = house.us.channels if house.us else {}
    return sorted(
        name
        for name, channel in partner.sending().items()
        if channel.shared not in ours or ours[channel.shared].sends
    )


def sending_fix(partner: Partner, house: House) -> str:
    out = leaving(partner, house)
    return close("", out) if out else "add push: to a channel, or a channel they fetch from"


def ways_lead_somewhere(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    return astray(sheet.marked, partner.channels)


def astray(marked: Marked, channels: Mapping[str, Channel]) -> Found:
    """`push:` without a place to put files into fails at every start; a place without `push:` is never used."""
    for name, channel in channels.items():
        protocol = channel.protocol
        for way, (key, folder) in channel.ends.items():
            wanted, stated = getattr(channel, way, None) is not None, folder is not None
            if wanted and not stated:
                what = f"channels.{name}.{way}: {protocol} has no {key}:"
                fix = f"add {key}: to {protocol}, or remove {way}:"
                yield marked.fault(("channels", name, way), what, "it leads nowhere", fix, key=True)
            elif stated and not wanted:
                what = f"channels.{name}.{protocol}.{key}: there is no {way}: beside {protocol}"
                why = f"nothing is ever {'put' if way == 'push' else 'fetched from'} there"
                place = ("channels", name, protocol, key)
                yield marked.fault(place, what, why, f"add {way}: {{}}", key=True, warning=True)


def acknowledgments_leave(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    """What cannot leave is held, and the partner hears nothing.

    A fault where the profile (or its template) promises the acknowledgment, for it contradicts itself. Where only
    the defaults ask for one nobody typed the promise: a warning, and the partner's documents are taken all the same.
    """
    owed, out = owed_to(partner, house), leaving(partner, house)
    stated = [partner.acknowledge, *(entry.acknowledge for entry in partner.receive.values())]
    warning = not any(stated)
    incoming = [name for name, channel in partner.channels.items() if channel.receives] if owed else []
    if incoming and not out and not partner.send:  # else `way_out` has said it
        what = f"channels: none of them can send the acknowledgments that are agreed ({', '.join(owed)})"
        fix = f"{sending_fix(partner, house)}, or say acknowledge: none"
        yield sheet.marked.fault(("channels",), what, UNHEARD, fix, key=True, warning=warning)
    for name in incoming if len(out) > 1 else ():
        if name not in out:
            what = f"channels.{name}: over which channel do acknowledgments of what comes by it leave?"
            why = f"{' and '.join(out)} could all carry them, so {UNHEARD}"
            fix = f"add push: to {name}, or let only one channel send"
            yield sheet.marked.fault(("channels", name), what, why, fix, key=True, warning=warning)


NONE_SHARED = "add it to channels: in company.yaml"
UNHEARD = "they would be held, and the partner hear nothing"


def owed_to(partner: Partner, house: House) -> tuple[str, ...]:
    """The acknowledgments that some document of theirs gets."""
    general = house.us.defaults.acknowledge if house.us else None
    usual = partner.acknowledge or general or SETTLED.acknowledge
    words = [
        word
        for key, entry in partner.receive.items()
        if key.partition("/")[0] not in NEVER_ACKNOWLEDGED
        for word in acknowledgments(entry.acknowledge or usual, standard_of(key.partition("/")[0]))
    ]
    return tuple(dict.fromkeys(words))


def protocols_served(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    served: Collection[str] = {*house.around.protocols, "mailbox"}
    for name, channel in partner.channels.items():
        if channel.protocol not in served:
            yield unserved(sheet, name, channel, served, warning=not partner.active)


def unserved(
    sheet: PartnerSheet, name: str, channel: Channel, served: Collection[str], *, warning: bool
) -> SetupFault:
    what = f"channels.{name}: this gateway does not speak {channel.protocol} yet"
    fix = f"use one of {', '.join(sorted(set(served) - {'mailbox'}))}, or make it stage: draft"
    return sheet.marked.fault(
        ("channels", name, channel.protocol), what, "nothing would travel", fix, key=True, warning=warning
    )


def hosts_pinned(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    for name, channel in partner.channels.items():
        if why := getattr(channel.settings, "unpinned", ""):
            what = f"channels.{name}: whoever answers is trusted ({why})"
            place = ("channels", name, channel.protocol, "host_key")
            yield sheet.marked.fault(place, what, "a host that is not pinned can be anybody", warning=True)


def names_fit(sheet: PartnerSheet, partner: Partner, house: House) -> Found:
    return misnamed(sheet.marked, partner.channels)


def misnamed(marked: Marked, channels: Mapping[str, Channel]) -> Found:
    """A pattern for file names names what there is, and tells two files apart."""
    for name, channel in channels.items():
        way, key = ("push", "name") if channel.pushes is not None else (channel.protocol, "named")
        place, told = ("channels", name, way, key), f"channels.{name}.{way}.{key}"
        wrong = list(wrong_with(channel.file_name))
        for what, fix in wrong:
            yield marked.fault(place, f"{told}: {what}", fix=fix)
        if not wrong and not tells_apart(channel.file_name):
            why = "a file that waits is not overwritten, so the second one would not leave"
            fix = "put the control number into it: {{ control }}"
            yield marked.fault(place, f"{told}: two files would have one name", why, fix, warning=True)


CHANNEL_RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("channels", "receive", "send"), channels_exist),
    (("channels", "send"), way_out),
    (("channels",), ways_lead_somewhere),
    (("channels", "acknowledge", "receive"), acknowledgments_leave),
    (("channels",), protocols_served),
    (("channels",), hosts_pinned),
    (("channels",), names_fit),
)
