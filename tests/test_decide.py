"""The laws of weighing, and the decision table cell by cell."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.decide import NO_GRANTS, Coverage, decide
from rightscheck.model import Asset, Decision, Evidence, Finding, Gap, Grant, Request, Statement
from rightscheck.registry import load_profile
from rightscheck.registry.waivers import Waiver, fingerprint
from rightscheck.situations import context_of, rows, rows_for
from rightscheck.vocab import (
    Carrier,
    Confidence,
    ExceptionRoute,
    Kind,
    Layer,
    Mode,
    Outcome,
    Party,
    Preference,
    Scope,
    Standing,
    Use,
    Verdict,
)
from strategies import (
    AGENCY,
    PUBLISHER,
    TODAY,
    assets,
    coverages,
    findings,
    gaps,
    requests,
    reservations,
)

PROFILES = {
    name: load_profile(name)
    for name in ("standard", "strict", "eu-tdm", "text-only", "ai-union", "eu-research")
}
profiles = st.sampled_from(sorted(PROFILES))
many = st.lists(findings(), max_size=5)


def weigh(
    found: list[Finding],
    request: Request,
    asset: Asset,
    profile: str,
    missing: list[Gap] | None = None,
    coverage: Coverage = NO_GRANTS,
) -> Decision:
    return decide(
        asset=asset,
        request=request,
        profile=PROFILES[profile],
        findings=found,
        gaps=missing or [],
        coverage=coverage,
        publisher=PUBLISHER,
        third_parties=[AGENCY] if any(f.party is Party.THIRD_PARTY for f in found) else [],
    )


def severities(decision: Decision) -> dict[str, int]:
    return {answer.use: answer.verdict.severity for answer in decision.uses}


@given(many, requests, assets, profiles, st.lists(gaps, max_size=3), coverages(), st.randoms())
def test_order_and_duplicates_do_not_matter(found, request, asset, profile, missing, coverage, random):
    first = weigh(found, request, asset, profile, missing, coverage)

    shuffled, twice = list(found) * 2, list(missing) * 2
    random.shuffle(shuffled)
    random.shuffle(twice)

    assert weigh(shuffled, request, asset, profile, twice, coverage) == first


@given(many, reservations, requests, assets, profiles, st.lists(gaps, max_size=2), coverages())
@settings(max_examples=400)
def test_one_more_reservation_never_loosens(found, one, request, asset, profile, missing, coverage):
    before = severities(weigh(found, request, asset, profile, missing, coverage))
    after = severities(weigh([*found, one], request, asset, profile, missing, coverage))

    assert all(after[use] >= before[use] for use in before)


@given(many, requests, assets, profiles, st.lists(gaps, max_size=2), coverages())
@settings(max_examples=400)
def test_a_grant_never_tightens(found, request, asset, profile, missing, coverage):
    without = severities(weigh(found, request, asset, profile, missing))
    granted = severities(weigh(found, request, asset, profile, missing, coverage))

    assert all(granted[use] <= without[use] for use in without)


@given(many, requests, assets, profiles, st.lists(gaps, max_size=2), gaps, coverages())
def test_a_gap_never_loosens(found, request, asset, profile, missing, one, coverage):
    before = severities(weigh(found, request, asset, profile, missing, coverage))
    after = severities(weigh(found, request, asset, profile, [*missing, one], coverage))

    assert all(after[use] >= before[use] for use in before)


@given(many, findings(kinds=(Kind.MENTION, Kind.NOTE, Kind.POINTER)), requests, assets, profiles, coverages())
def test_mentions_and_notes_never_move_a_verdict(found, one, request, asset, profile, coverage):
    before = severities(weigh(found, request, asset, profile, coverage=coverage))
    after = severities(weigh([*found, one], request, asset, profile, coverage=coverage))

    assert after == before


@given(many, requests, assets, st.sampled_from(["standard", "eu-tdm"]))
def test_a_bare_copyright_line_of_the_publisher_never_moves_a_verdict(found, request, asset, name):
    bare = Finding(
        rule="notice/copyright",
        kind=Kind.COPYRIGHT,
        message="© 2026 Hill Courier",
        evidence=Evidence(source="text", sha256="0" * 64, locator="char:0-9"),
        holder=PUBLISHER.name,
        years=(2026,),
    )

    assert severities(weigh([*found, bare], request, asset, name)) == severities(
        weigh(found, request, asset, name)
    )


@given(many, requests, assets, profiles, st.lists(gaps, max_size=2), coverages())
@settings(max_examples=400)
def test_the_determining_findings_alone_reproduce_the_verdict(
    found, request, asset, profile, missing, coverage
):
    decision = weigh(found, request, asset, profile, missing, coverage)
    for answer in decision.uses:
        alone = [decision.findings[index] for index in answer.deciding]
        again = decide(
            asset=asset,
            request=Request(
                uses=(answer.use,), on=TODAY, agents=request.agents, commercial=request.commercial
            ),
            profile=PROFILES[profile],
            findings=alone,
            gaps=missing,
            coverage=coverage,
            publisher=PUBLISHER,
            third_parties=decision.third_parties,
        )
        assert again.verdict is answer.verdict


@given(many, requests, assets, profiles, st.lists(gaps, max_size=2), coverages())
def test_every_answer_names_what_decided_it(found, request, asset, profile, missing, coverage):
    decision = weigh(found, request, asset, profile, missing, coverage)

    assert decision.verdict.severity == max(severities(decision).values())
    for answer in decision.uses:
        assert answer.situations
        assert answer.reasons
        assert all("/" in rule for rule in answer.determining)
        assert set(answer.situations) <= set(rows())


# --- the table ----------------------------------------------------------------------------------


def finding_of(
    preference: Preference,
    confidence: Confidence,
    family: str,
    use: Use,
    standing: Standing = Standing.EFFECTIVE,
    scope: Scope = Scope.ASSET,
) -> Finding:
    kind = Kind.PERMISSION if preference is Preference.ALLOW else Kind.RESERVATION
    return Finding(
        rule=f"{family}/x",
        kind=kind,
        message="x",
        evidence=Evidence(source="s", sha256="0" * 64, locator="char:0-1"),
        confidence=confidence,
        statement=Statement(
            preference=preference,
            uses=frozenset({use}),
            standing=standing,
            scope=scope,
            exception=ExceptionRoute.NONE,
        ),
    )


ASSET = Asset(uri="https://hill.example/a", source="s", text="x", media_type="text/plain", mode=Mode.HELD)
GRANT = Grant(
    id="g", grantor=PUBLISHER.name, grantee="Acme", uses=frozenset(Use), hosts=("*",), valid_from=TODAY
)


def expected(
    preference: Preference, confidence: Confidence, family: str, gap: bool, granted: bool, silence: Verdict
) -> Verdict:
    """What the written rules say of one cell for ai-train-gen: a second opinion, from the rules alone."""
    if granted:
        return Verdict.GO
    certain = confidence is Confidence.HIGH or family != "notice"
    if preference is Preference.DISALLOW:
        return Verdict.NO_GO if certain else max(Verdict.REVIEW, silence, key=lambda v: v.severity)
    if preference is Preference.CONDITIONAL:
        return Verdict.NO_GO
    stated = Verdict.GO if confidence is Confidence.HIGH else silence
    return Verdict.REVIEW if gap and stated is Verdict.GO else stated


CELLS = list(
    itertools.product(
        Preference,
        Confidence,
        ("notice", "content-usage"),
        (False, True),
        (False, True),
        ("standard", "strict"),
    )
)


@pytest.mark.parametrize(("preference", "confidence", "family", "gap", "granted", "name"), CELLS)
def test_every_cell_of_the_table(preference, confidence, family, gap, granted, name):
    silence = {"go": Verdict.GO, "review": Verdict.REVIEW}[
        PROFILES[name].outcome("silence", Use.AI_TRAIN_GEN, True).value
    ]
    coverage = Coverage(active={PUBLISHER.id: {Use.AI_TRAIN_GEN: (GRANT,)}}) if granted else NO_GRANTS
    missing = [Gap(carrier=Carrier.ROBOTS_TXT, source="r", reason="timeout")] if gap else []

    decision = weigh(
        [finding_of(preference, confidence, family, Use.AI_TRAIN_GEN)],
        Request(uses=("ai-train-gen",), on=TODAY),
        ASSET,
        name,
        missing,
        coverage,
    )

    assert decision.verdict is expected(preference, confidence, family, gap, granted, silence)


@pytest.mark.parametrize("name", sorted(PROFILES))
@pytest.mark.parametrize("commercial", [True, False])
def test_every_profile_answers_every_row_for_every_use(name, commercial):
    for situation, use in itertools.product(rows(), Use):
        assert isinstance(PROFILES[name].outcome(situation, use, commercial), Outcome)


IMPLIED: Mapping[tuple[Use, Use], str] = {
    (Use.TDM, Use.AI_TRAIN_GEN): "denial/covers",
    (Use.TDM, Use.AI_TRAIN_OTHER): "denial/covers",
    (Use.TDM, Use.AI_INDEX): "denial/covers",
    (Use.TDM, Use.EVALUATE): "denial/covers",
    (Use.TDM, Use.AI_INPUT): "denial/neighbouring",
    (Use.AI_INPUT, Use.AI_INDEX): "denial/neighbouring",
}


@pytest.mark.parametrize(("named", "asked"), list(itertools.product(Use, Use)))
def test_a_machine_readable_denial_reaches_the_uses_it_covers_and_no_others(named, asked):
    context = context_of(
        [finding_of(Preference.DISALLOW, Confidence.HIGH, "content-usage", named)],
        Request(uses=(asked.value,), on=TODAY),
        Mode.HELD,
    )

    situations = [row.situation for row in rows_for(asked, context)]

    if named is asked:
        assert situations == ["denial/machine"]
    else:
        assert situations == ([IMPLIED[named, asked]] if (named, asked) in IMPLIED else [])


def test_a_grant_of_the_publisher_does_not_cover_the_agency():
    credit = Finding(
        rule="notice/source-credit",
        kind=Kind.CREDIT,
        message="Source: Vale Agency",
        evidence=Evidence(source="s", sha256="0" * 64, locator="char:0-9"),
        holder=AGENCY.name,
        party=Party.THIRD_PARTY,
    )
    denial = finding_of(Preference.DISALLOW, Confidence.HIGH, "notice", Use.AI_TRAIN_GEN)
    request = Request(uses=("ai-train-gen",), on=TODAY)
    own = Coverage(active={PUBLISHER.id: {Use.AI_TRAIN_GEN: (GRANT,)}})
    both = Coverage(active={h.id: {Use.AI_TRAIN_GEN: (GRANT,)} for h in (PUBLISHER, AGENCY)})

    assert weigh([denial, credit], request, ASSET, "standard").verdict is Verdict.NO_GO
    partly = weigh([denial, credit], request, ASSET, "standard", coverage=own)
    assert (partly.verdict, partly.situations) == (Verdict.REVIEW, ("third-party/credit-permitted",))
    wholly = weigh([denial, credit], request, ASSET, "standard", coverage=both)
    assert (wholly.verdict, wholly.layer) == (Verdict.GO, Layer.GRANT)
    assert wholly.grants == ("g",)


def test_a_grant_opens_robots_txt_only_when_it_names_crawl():
    closed = Finding(
        rule="robots-txt/disallow",
        kind=Kind.RESERVATION,
        message="line 2 closes it",
        evidence=Evidence(source="r", sha256="0" * 64, locator="line:2"),
        statement=Statement(preference=Preference.DISALLOW, uses=frozenset({Use.CRAWL}), scope=Scope.SITE),
        situation="robots/closed",
    )
    asset = Asset(
        uri="https://hill.example/a", source="s", text="x", media_type="text/plain", mode=Mode.FETCH
    )
    request = Request(uses=("ai-train-gen",), on=TODAY)
    training = Coverage(active={PUBLISHER.id: {Use.AI_TRAIN_GEN: (GRANT,)}})
    crawling = Coverage(active={PUBLISHER.id: {Use.AI_TRAIN_GEN: (GRANT,), Use.CRAWL: (GRANT,)}})

    assert weigh([closed], request, asset, "standard", coverage=training).verdict is Verdict.NO_GO
    assert weigh([closed], request, asset, "standard", coverage=crawling).verdict is Verdict.GO


def test_a_waiver_lifts_one_finding_for_its_uses_until_it_expires():
    denial = finding_of(Preference.DISALLOW, Confidence.HIGH, "notice", Use.AI_TRAIN_GEN)
    other = finding_of(Preference.DISALLOW, Confidence.HIGH, "tdmrep", Use.TDM)
    waiver = Waiver(
        id="w-1",
        fingerprint=fingerprint(denial),
        uses=frozenset({Use.AI_TRAIN_GEN}),
        hosts=("hill.example",),
        reason="settled by letter",
        owner="legal",
        evidence="",
        created=date(2026, 1, 1),
        expires=TODAY,
        source="waivers.toml",
    )

    def ask(found: list[Finding], on: date = TODAY, use: str = "ai-train-gen") -> Decision:
        return decide(
            asset=ASSET,
            request=Request(uses=(use,), on=on),
            profile=PROFILES["standard"],
            findings=found,
            waivers=[waiver],
            publisher=PUBLISHER,
        )

    waived = ask([denial])
    assert (waived.verdict, waived.waivers) == (Verdict.GO, ("w-1",))
    assert any("settled by letter" in reason for reason in waived.reasons)
    assert ask([denial], on=date(2026, 11, 25)).verdict is Verdict.NO_GO
    assert ask([denial, other]).verdict is Verdict.NO_GO, "a waiver lifts no other finding"
    assert ask([denial], use="ai-train-other").verdict is Verdict.GO, "what it did not deny"


@given(many, requests, assets, profiles, st.data())
def test_a_waiver_never_tightens_and_an_expired_one_changes_nothing(found, request, asset, profile, data):
    marked = data.draw(st.sampled_from(found)) if found else None
    waivers = [
        Waiver(
            id="w",
            fingerprint=fingerprint(marked),
            uses=frozenset(Use),
            hosts=("*", "hill.example"),
            reason="r",
            owner="o",
            evidence="",
            created=date(2026, 1, 1),
            expires=data.draw(st.sampled_from([TODAY, date(2026, 11, 23)])),
            source="w.toml",
        )
        for marked in ([marked] if marked else [])
    ]
    before = weigh(found, request, asset, profile)
    after = decide(
        asset=asset,
        request=request,
        profile=PROFILES[profile],
        findings=found,
        waivers=waivers,
        publisher=PUBLISHER,
        third_parties=before.third_parties,
    )

    assert all(severities(after)[use] <= severities(before)[use] for use in severities(before))
    if any(waiver.expires < TODAY for waiver in waivers):
        assert after == before


def commerce_only(
    preference: Preference, family: str, uses: frozenset[Use], confidence: Confidence
) -> Finding:
    kind = Kind.PERMISSION if preference is Preference.ALLOW else Kind.RESERVATION
    return Finding(
        rule=f"{family}/x",
        kind=kind,
        message="x",
        evidence=Evidence(source="s", sha256="0" * 64, locator="char:0-1"),
        confidence=confidence,
        statement=Statement(preference=preference, uses=uses, non_commercial=True),
    )


# preference, family, uses named, confidence -> rows for a company and for others; asked: ai-train-gen
COMMERCE = [
    (Preference.DISALLOW, "rsl", {Use.AI_TRAIN_GEN}, "high", ["denial/machine"], []),
    (Preference.DISALLOW, "rsl", {Use.TDM}, "high", ["denial/covers"], []),
    (Preference.DISALLOW, "notice", set(), "high", ["sentence/no-commercial"], []),
    (Preference.DISALLOW, "notice", set(), "medium", ["sentence/unclear"], []),
    (Preference.DISALLOW, "terms", {Use.SEARCH}, "high", [], []),
    (Preference.ALLOW, "rsl", {Use.AI_TRAIN_GEN}, "high", ["sentence/no-commercial"], ["permission/plain"]),
    (Preference.ALLOW, "notice", {Use.AI_TRAIN_GEN}, "medium", ["sentence/unclear"], ["permission/weak"]),
    (Preference.ALLOW, "rsl", {Use.SEARCH}, "high", [], []),
]


@pytest.mark.parametrize(("preference", "family", "uses", "confidence", "company", "others"), COMMERCE)
def test_what_is_said_of_commercial_use_concerns_commercial_requests(
    preference, family, uses, confidence, company, others
):
    found = [commerce_only(preference, family, frozenset(uses), Confidence(confidence))]
    for commercial, wanted in ((True, company), (False, others)):
        request = Request(uses=("ai-train-gen",), on=TODAY, commercial=commercial)
        context = context_of(found, request, Mode.HELD)

        assert [row.situation for row in rows_for(Use.AI_TRAIN_GEN, context)] == wanted
        assert bool(context.host_permits.get(Use.AI_TRAIN_GEN)) is (wanted == ["permission/plain"])


def test_a_permission_for_others_opens_nothing_to_a_company():
    permission = commerce_only(Preference.ALLOW, "rsl", frozenset({Use.TDM}), Confidence.HIGH)

    assert weigh([permission], Request(uses=("tdm",), on=TODAY), ASSET, "standard").verdict is Verdict.NO_GO
    research = Request(uses=("tdm",), on=TODAY, commercial=False)
    assert weigh([permission], research, ASSET, "strict").verdict is Verdict.GO
