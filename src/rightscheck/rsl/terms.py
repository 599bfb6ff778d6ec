"""What the RSL licences that cover one page say together, for one request (RSL 1.0 evaluation rules).

Order does not matter: the narrower content speaks first, and on one level a prohibition beats a permission,
a free offer beats a paid one, and a list of permissions that leaves a use out beats saying nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rightscheck.model import Request
from rightscheck.rsl.document import EVERY_USE, Clause, Content, Licence
from rightscheck.vocab import COPYING, ExceptionRoute, Preference, Standing, Use

_EUROPEAN_UNION = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK EU".split()
)
_IMPLIED = {
    Use.TDM: frozenset({Use.AI_TRAIN_GEN, Use.AI_TRAIN_OTHER, Use.AI_INDEX, Use.EVALUATE, Use.AI_INPUT}),
    Use.AI_INPUT: frozenset({Use.AI_INDEX}),
}
"""Uses that a denial of the key is held to reach when nothing speaks of them (see `Term.literal`)."""
CONTRADICTION = "permits some uses and prohibits all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One licence of a content that covers the page.

    `specificity` orders contents, the larger being the narrower. `document` tells documents apart. A faulty
    document permits nothing, and its denials count as malformed.
    """

    content: Content
    licence: Licence
    specificity: int
    document: int
    faulty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing an offer says of some uses. `literal`: it must not be held to reach uses it does not name."""

    offer: Offer
    preference: Preference
    standing: Standing
    uses: frozenset[Use]
    path: str
    quote: str
    reason: str
    conditions: tuple[str, ...] = ()
    exception: ExceptionRoute = ExceptionRoute.NONE
    non_commercial: bool = False
    literal: bool = False


@dataclass(slots=True)
class _Reading:
    """One offer taken apart: the uses it bars with their standing, and those it offers or leaves out."""

    offer: Offer
    barred: dict[Use, Standing] = field(default_factory=dict)
    bar_reason: str = "prohibits"
    free: frozenset[Use] = frozenset()
    weak: frozenset[Use] = frozenset()
    conditional: frozenset[Use] = frozenset()
    unlisted: frozenset[Use] = frozenset()
    conditions: tuple[str, ...] = ()
    route: ExceptionRoute = ExceptionRoute.NONE
    commercial_only: bool = False
    non_commercial: bool = False
    said: dict[tuple[Preference, Standing], set[Use]] = field(default_factory=dict)

    def say(self, preference: Preference, standing: Standing, use: Use) -> None:
        self.said.setdefault((preference, standing), set()).add(use)


def weigh(offers: Sequence[Offer], request: Request) -> list[Term]:
    """The terms that the offers put to this request, in the order of the offers, then of standing."""
    readings = [_read(offer, request) for offer in offers]
    levels = sorted({offer.specificity for offer in offers}, reverse=True)
    by_level = [[r for r in readings if r.offer.specificity == level] for level in levels]
    for use in Use:
        if use in EVERY_USE:
            _settle(use, by_level)
    permitted = {
        use
        for reading in readings
        for (preference, _), uses in reading.said.items()
        if preference is not Preference.DISALLOW
        for use in uses
    }
    return [term for reading in readings for term in _terms(reading, permitted)]


def _settle(use: Use, levels: Sequence[Sequence[_Reading]]) -> None:
    """Let the narrowest level that speaks of the use decide, and keep broader denials beside it."""
    restricted = False
    for position, level in enumerate(levels):
        barring = [reading for reading in level if use in reading.barred]
        for reading in barring:
            reading.say(Preference.DISALLOW, reading.barred[use], use)
        if any(reading.barred[use] is Standing.EFFECTIVE for reading in barring):
            return
        restricted = restricted or bool(barring)
        if not restricted and _permit(use, level):
            _override(use, level, levels[position + 1 :])
            return
        if not restricted:
            restricted = _leave_out(use, level)


def _permit(use: Use, level: Sequence[_Reading]) -> bool:
    """Whether the level offers the use, free before conditional."""
    free = [reading for reading in level if use in reading.free]
    for reading in free:
        reading.say(Preference.ALLOW, Standing.EFFECTIVE, use)
    if free:
        return True
    offering = [reading for reading in level if use in reading.conditional]
    for reading in offering:
        reading.say(Preference.CONDITIONAL, Standing.EFFECTIVE, use)
    return bool(offering)


def _leave_out(use: Use, level: Sequence[_Reading]) -> bool:
    weak = [reading for reading in level if use in reading.weak]
    for reading in weak:
        reading.say(Preference.ALLOW, Standing.WEAK, use)
    closed = [] if weak else [reading for reading in level if use in reading.unlisted]
    for reading in closed:
        reading.say(Preference.DISALLOW, Standing.UNLISTED, use)
    return bool(closed)


def _override(use: Use, winners: Sequence[_Reading], broader: Iterable[Sequence[_Reading]]) -> None:
    """Denials of the use that lose to a narrower permission, where another document makes them."""
    own = {r.offer.document for r in winners if use in r.free or use in r.conditional}
    for reading in (reading for level in broader for reading in level):
        if use in reading.barred and reading.offer.document not in own:
            reading.say(Preference.DISALLOW, Standing.OVERRIDDEN, use)


def _read(offer: Offer, request: Request) -> _Reading:
    reading = _Reading(offer)
    licence = offer.licence
    offered = _offered(licence)
    reading.barred = _barred(offer, offered, request, reading)
    if offer.faulty:
        return reading
    reading.conditions, demanding = _conditions(licence, request)
    reading.route = licence.route
    if demanding and reading.route in (ExceptionRoute.NONE, ExceptionRoute.ATTRIBUTION):
        reading.route = ExceptionRoute.LICENCE
    if licence.permits is not None:
        reading.unlisted = EVERY_USE - _listed(licence.permits)
    if not _open_to(licence, request):
        reading.unlisted |= offered
        reading.commercial_only = request.commercial and licence.permitted_users is not None
        return reading
    offered -= reading.barred.keys()
    reading.non_commercial = (
        licence.permitted_users is not None and "commercial" not in licence.permitted_users
    )
    sure = licence.permits.uses | licence.permits.inferred if licence.permits else offered
    if reading.route is not ExceptionRoute.NONE:
        reading.conditional = frozenset(offered)
    elif licence.flags:
        reading.weak = frozenset(offered)
    else:
        reading.free = offered & sure
        reading.weak = offered - sure
    return reading


def _listed(clause: Clause) -> frozenset[Use]:
    return clause.uses | clause.inferred | clause.retired


def _offered(licence: Licence) -> frozenset[Use]:
    """The uses a licence speaks of: its list, else those its payment or conditions concern."""
    if licence.permits is not None:
        # Being processed by machines is not being published again: `all` permits no copying.
        return _listed(licence.permits) - COPYING
    if licence.route in (ExceptionRoute.PAYMENT, ExceptionRoute.ATTRIBUTION) and licence.paid_uses:
        return licence.paid_uses
    closed = licence.permitted_users is not None or licence.permitted_places is not None
    return EVERY_USE - COPYING if closed or licence.route is not ExceptionRoute.NONE else frozenset()


def _barred(
    offer: Offer, offered: frozenset[Use], request: Request, reading: _Reading
) -> dict[Use, Standing]:
    licence = offer.licence
    barred: dict[Use, Standing] = {}
    if licence.prohibits is not None:
        clause = licence.prohibits
        barred |= dict.fromkeys(clause.guessed, Standing.MALFORMED)
        barred |= dict.fromkeys(clause.inferred, Standing.INFERRED)
        barred |= dict.fromkeys(clause.retired, Standing.RETIRED)
        barred |= dict.fromkeys(clause.uses, Standing.EFFECTIVE)
        if licence.permits is not None and clause.uses >= EVERY_USE and licence.permits.uses:
            # Permits some uses and prohibits all: deployed to say "against a licence only". The site is
            # in search indexes all the same, so search and copies of it are a matter for a person.
            barred |= dict.fromkeys((Use.SEARCH, Use.ARCHIVE), Standing.INFERRED)
            reading.bar_reason = CONTRADICTION
    mine = {"commercial"} if request.commercial else {"non-commercial"}
    if licence.barred_users & mine or _in(request.jurisdiction, licence.barred_places):
        reading.commercial_only = bool(licence.barred_users & mine) and request.commercial
        reading.bar_reason = "prohibits users or places like ours"
        barred |= dict.fromkeys(offered or EVERY_USE - COPYING, Standing.EFFECTIVE)
    if offer.faulty:
        return dict.fromkeys(barred, Standing.MALFORMED)
    return barred


def _in(place: str | None, places: frozenset[str]) -> bool:
    if place is None:
        return False
    own = place.upper()
    return own in places or (own in _EUROPEAN_UNION and "EU" in places)


def _open_to(licence: Licence, request: Request) -> bool:
    """Whether the closed lists of users and places could let this request in."""
    users = licence.permitted_users
    if users is not None and request.commercial and "commercial" not in users:
        return False
    if users is not None and not request.commercial and not users - {"commercial"}:
        return False
    places = licence.permitted_places
    return places is None or request.jurisdiction is None or _in(request.jurisdiction, places)


def _conditions(licence: Licence, request: Request) -> tuple[tuple[str, ...], bool]:
    """The conditions in words, and whether some of them cannot be told to be met."""
    conditions = list(licence.conditions)
    users = licence.permitted_users
    unsure = False
    if users is not None and not ({"commercial"} if request.commercial else {"non-commercial"}) & users:
        conditions.append("users: " + " ".join(sorted(users)))
        unsure = True
    if licence.permitted_places is not None and request.jurisdiction is None:
        conditions.append("places: " + " ".join(sorted(licence.permitted_places)))
        unsure = True
    if licence.barred_places and request.jurisdiction is None:
        conditions.append("not in: " + " ".join(sorted(licence.barred_places)))
        unsure = True
    return tuple(conditions), unsure


_ORDER = tuple(
    (preference, standing)
    for preference in (Preference.DISALLOW, Preference.CONDITIONAL, Preference.ALLOW)
    for standing in Standing
)


def _terms(reading: _Reading, permitted: set[Use]) -> Iterable[Term]:
    licence = reading.offer.licence
    for preference, standing in _ORDER:
        uses = frozenset(reading.said.get((preference, standing), ()))
        if not uses:
            continue
        denial = preference is Preference.DISALLOW
        barred = denial and standing is not Standing.UNLISTED
        clause = licence.prohibits if barred else licence.permits
        reached = frozenset(implied for use in uses for implied in _IMPLIED.get(use, ())) - uses
        yield Term(
            offer=reading.offer,
            preference=preference,
            standing=standing,
            uses=uses,
            path=clause.path if clause else licence.path,
            quote=clause.quote if clause else licence.quote,
            reason=reading.bar_reason if barred else "",
            conditions=() if denial else reading.conditions,
            exception=_exception(reading, preference),
            non_commercial=reading.commercial_only if denial else reading.non_commercial,
            literal=denial and bool(reached & permitted),
        )


def _exception(reading: _Reading, preference: Preference) -> ExceptionRoute:
    """What a conditional offer asks for; for a denial, the licence that a contradictory one points to."""
    if preference is Preference.CONDITIONAL:
        return reading.route
    contradicts = reading.bar_reason == CONTRADICTION and preference is Preference.DISALLOW
    return (
        reading.route
        if contradicts and reading.route is not ExceptionRoute.ATTRIBUTION
        else ExceptionRoute.NONE
    )
