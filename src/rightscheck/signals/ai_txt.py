"""ai.txt: Spawning's /ai.txt, and /.well-known/ai.txt and ai.json (draft-car-ai-txt-wellknown-00).

Only explicit values count; an `allow` is weak, since no operator is known to rely on it. Files of other
dialects that seem to refuse AI are malformed denials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rightscheck.model import Document, Evidence, Finding, Gap, Statement
from rightscheck.notices import read as read_words
from rightscheck.notices.findings import findings_of
from rightscheck.robots import Group, RobotsTxt, canonical_path, match_path, pattern_length, product_token
from rightscheck.site.file_patterns import TEXT_CLASS, extensions_of, rank_of
from rightscheck.site.root_file import MAX_LINE, MAX_LINES, read_text
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import AI_TRAIN, Carrier, ExceptionRoute, Kind, Mode, Preference, Scope, Standing, Use
from rightscheck.vocabularies.ai_policies import (
    NEGATIVE,
    Policies,
    Value,
    is_denial,
    read_json_policies,
    read_policies,
)

_USES = {
    "training": AI_TRAIN,
    "scraping": frozenset({Use.CRAWL}),
    "indexing": frozenset({Use.AI_INDEX}),
    "caching": frozenset({Use.ARCHIVE}),
}
_ABOUT_AI = re.compile(r"train|(?:\A|[^a-z])(?:ai|genai|llm|llms|ml|tdm)(?:[^a-z]|\Z)")
_REFUSING_KEY = re.compile(r"\A(?:disallow|deny|block|no)[-_ ]")
MAX_PROSE = 50_000
"""Code points of sentences that are read."""


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the ai.txt and ai.json files of the host say about the asset."""
    trainings: list[tuple[Document, Finding]] = []
    for carrier in (Carrier.AI_TXT, Carrier.AI_TXT_WELL_KNOWN, Carrier.AI_JSON):
        document = sources.document(carrier)
        if document is None:
            continue
        text = read_text(document)
        if isinstance(text, Gap):
            yield text
        elif text is not None:
            for item in _read_file(text, document, sources):
                yield item
                if isinstance(item, Finding) and carrier is not Carrier.AI_TXT and _on_training(item):
                    trainings.append((document, item))
    yield from _conflict(trainings)


def _read_file(text: str, document: Document, sources: Sources) -> Iterator[Finding | Gap]:
    if document.carrier is Carrier.AI_JSON:
        try:
            found = read_json_policies(document.body, sources.request.agents)
        except ValueError as fault:
            reason = f"not valid JSON: {str(fault)[:120]}"
            yield Gap(carrier=document.carrier, source=document.url, reason=reason)
        else:
            yield from _draft(found, document, sources)
        return
    policies = read_policies(text, sources.request.agents)
    yield from _spawning(document, sources)
    yield from _draft(policies, document, sources)
    yield from _sentences(text, document)


# --- sentences --------------------------------------------------------------------------------------


_LINE_END = re.compile(r"\r\n|\r|\n")
_DIRECTIVE = re.compile(r"[A-Za-z][A-Za-z_\-]{0,40}\s{0,8}:")


def _sentences(text: str, document: Document) -> Iterator[Finding]:
    """Reservations in words: in comments, and in files that are prose instead of directives."""
    lines: list[tuple[int, int]] = []
    prose = ""
    for number, written in enumerate(_LINE_END.split(text)[:MAX_LINES], 1):
        words = written.strip().lstrip("#").strip()[:MAX_LINE]
        is_comment = written.lstrip().startswith("#")
        if words and len(prose) < MAX_PROSE and (is_comment or not _DIRECTIVE.match(words)):
            lines.append((len(prose), number))
            prose += f"{words}\n"
    if not prose:
        return

    def at(start: int, end: int) -> Evidence:
        number = next(number for begun, number in reversed(lines) if begun <= start)
        return evidence(document, f"line:{number}", prose[start:end])

    for finding in findings_of(read_words(prose, credits=False), at, scope=Scope.SITE):
        if finding.kind is Kind.RESERVATION:
            yield finding


# --- Spawning -------------------------------------------------------------------------------------


def _spawning(document: Document, sources: Sources) -> Iterator[Finding]:
    """The rule for this asset: by path, by its own extension, by its class, then the global one."""
    rules, standing = _rules(document, sources)
    ranked: list[tuple[tuple[int, int, bool], int, str]] = []
    path, extensions = _path_of(sources), extensions_of(sources)
    for number, allow, value, text in rules:
        for pattern in value.replace(",", " ").split():
            rank = rank_of(pattern, path, extensions)
            if rank is not None:
                ranked.append(((*rank, not allow), number, text))
    if not ranked:
        yield from _meant(rules, document, extensions)
        return
    (_, _, denied), number, text = max(ranked, key=lambda one: (one[0], -one[1]))
    yield _finding(
        document,
        Value("", f"line:{number}", text.strip()),
        Preference.DISALLOW if denied else Preference.ALLOW,
        AI_TRAIN,
        standing=standing if denied else Standing.WEAK,
        message=f"ai.txt {'closes' if denied else 'opens'} files of this kind to AI training",
    )


_TEXT_IN_WORDS = frozenset("text text/* text/html text/plain html htm txt all everything any".split())


def _meant(
    rules: list[tuple[int, bool, str, str]], document: Document, extensions: tuple[str, frozenset[str]]
) -> Iterator[Finding]:
    """The first rule that closes text without naming it by path or extension."""
    if extensions[1] != TEXT_CLASS:
        return
    for number, allow, value, text in rules:
        if not allow and not _TEXT_IN_WORDS.isdisjoint(value.lower().replace(",", " ").split()):
            message = f"`{value[:40]}` is no path; it can only be meant to close texts to AI training"
            where = Value("", f"line:{number}", text.strip())
            denial = Preference.DISALLOW
            yield _finding(document, where, denial, AI_TRAIN, standing=Standing.MALFORMED, message=message)
            return


def _rules(document: Document, sources: Sources) -> tuple[list[tuple[int, bool, str, str]], Standing]:
    """The rules of our group as (line, allow, value, text). Rules without any group are malformed."""
    robots = RobotsTxt.parse(document.body)
    shift, standing = 0, Standing.EFFECTIVE
    if not robots.groups:
        robots = RobotsTxt.parse(b"User-agent: *\n" + document.body.removeprefix(b"\xef\xbb\xbf"))
        shift, standing = 1, Standing.MALFORMED
    rules = [
        (rule.number - shift, rule.allow, rule.path, rule.text)
        for group in _own_groups(robots.groups, sources.request.agents)
        for rule in group.rules
    ]
    return rules, standing


def _own_groups(groups: Iterable[Group], agents: tuple[str, ...]) -> list[Group]:
    names = {agent.lower() for agent in agents} | {product_token(agent) for agent in agents}
    own = [group for group in groups if names & {agent.lower() for agent in group.agents}]
    return own or [group for group in groups if "*" in group.agents]


def _path_of(sources: Sources) -> str:
    return canonical_path(sources.asset.uri or "/")


# --- /.well-known/ai.txt and ai.json --------------------------------------------------------------


def _draft(policies: Policies, document: Document, sources: Sources) -> Iterator[Finding]:
    misplaced = document.carrier is Carrier.AI_TXT
    training = _training(policies, sources)
    if training is not None:
        preference, value, conditions = training
        yield from _state(document, "training", preference, value, misplaced, policies, conditions)
    elif policies.known and not misplaced and not policies.unknown:
        yield _note(
            document,
            "ai-txt/default",
            "the file says nothing on training, which its draft takes for a denial",
        )
    for key in ("scraping", "indexing", "caching"):
        if key in policies.values:
            value = policies.values[key]
            yield from _state(document, key, _preference(value.text), value, misplaced, policies, ())
            if key == "scraping" and value.text.lower() == "deny" and not misplaced:
                yield _no_crawl(document, value, sources)
    yield from _unknown(policies, document)


def _preference(text: str) -> Preference | None:
    plain = text.lower()
    known = {"allow": Preference.ALLOW, "deny": Preference.DISALLOW, "conditional": Preference.CONDITIONAL}
    return known.get(plain)


def _training(
    policies: Policies, sources: Sources
) -> tuple[Preference | None, Value, tuple[str, ...]] | None:
    """What is said on training for this path, the narrower glob first; None when nothing is."""
    value = policies.values.get("training")
    preference = _preference(value.text) if value else None
    if value is not None and (preference is Preference.DISALLOW or preference is None):
        return preference, value, ()
    path = _path_of(sources)
    globs = [
        (pattern_length(glob.text), denied, glob)
        for denied, found in ((False, policies.allowed), (True, policies.denied))
        for glob in found
        if match_path(glob.text, path)
    ]
    if globs:
        _, denied, glob = max(globs, key=lambda one: one[:2])
        preference, value = Preference.DISALLOW if denied else Preference.ALLOW, glob
    if value is None:
        return None
    conditions = tuple(
        text
        for text in (
            f"fee: {policies.fee}" if policies.fee else "",
            f"licence: {policies.licence}" if policies.licence else "",
        )
        if text
    )
    if preference is Preference.ALLOW and policies.fee:
        preference = Preference.CONDITIONAL
    return preference, value, conditions


def _state(
    document: Document,
    key: str,
    preference: Preference | None,
    value: Value,
    misplaced: bool,
    policies: Policies,
    conditions: tuple[str, ...],
) -> Iterator[Finding]:
    name = document.carrier.value
    if preference is None:
        if is_denial(value.text):
            message = f"{name}: `{value.text[:40]}` is no value of `{key}`; read leniently it denies"
            yield _finding(
                document, value, Preference.DISALLOW, _USES[key], standing=Standing.MALFORMED, message=message
            )
        else:
            yield _note(
                document, "ai-txt/malformed", f"{name}: `{value.text[:40]}` is no value of `{key}`", value
            )
        return
    standing = Standing.EFFECTIVE
    if preference is Preference.ALLOW:
        standing = Standing.WEAK
    elif misplaced:
        standing = Standing.MALFORMED
    route = ExceptionRoute.NONE
    if preference is Preference.CONDITIONAL:
        route = ExceptionRoute.PAYMENT if policies.fee and key == "training" else ExceptionRoute.LICENCE
    yield _finding(
        document,
        value,
        preference,
        _USES[key],
        standing=standing,
        message=f"{name} says {key}: {preference.value}",
        route=route,
        conditions=conditions if preference is Preference.CONDITIONAL else (),
    )


def _unknown(policies: Policies, document: Document) -> Iterator[Finding]:
    """Keys of other dialects that seem to refuse AI."""
    for value in policies.unknown:
        key, _, text = value.text.partition("\n")
        if _DENIED_LABEL.search(text):  # a preference of robots.txt, in the wrong file
            refusing = True
        elif not _ABOUT_AI.search(key):
            continue
        else:
            refusing = _refuses(key, text)
        if refusing:
            message = f"{document.carrier.value} of an unknown dialect seems to refuse AI training"
            yield _finding(
                document, value, Preference.DISALLOW, AI_TRAIN, standing=Standing.MALFORMED, message=message
            )
            return


_DENIED_LABEL = re.compile(r"\b(?:train-|gen)?ai(?:-train|-input|-use)?\s{0,4}=\s{0,4}(?:n|no|0|false)\b")


def _refuses(key: str, text: str) -> bool:
    if _REFUSING_KEY.match(key):
        return text not in ("", "no", "none", "false")
    return text in NEGATIVE


# --- findings -------------------------------------------------------------------------------------


def _finding(
    document: Document,
    value: Value,
    preference: Preference,
    uses: frozenset[Use],
    *,
    standing: Standing,
    message: str,
    route: ExceptionRoute = ExceptionRoute.NONE,
    conditions: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        rule="ai-txt/malformed" if standing is Standing.MALFORMED else f"ai-txt/{preference.value}",
        kind=Kind.PERMISSION if preference is Preference.ALLOW else Kind.RESERVATION,
        message=message,
        evidence=evidence(document, value.locator, value.quote),
        statement=Statement(
            preference=preference,
            uses=uses,
            standing=standing,
            scope=Scope.SITE,
            exception=route,
            conditions=conditions,
        ),
        contact=next((text.removeprefix("fee: ") for text in conditions if text.startswith("fee: ")), ""),
    )


def _no_crawl(document: Document, value: Value, sources: Sources) -> Finding:
    """That the site forbids collecting bears on every use of what was collected."""
    held = sources.asset.mode is Mode.HELD
    return Finding(
        rule="ai-txt/no-crawl",
        kind=Kind.RESERVATION,
        message=f"{document.carrier.value} forbids automated collection",
        evidence=evidence(document, value.locator, value.quote),
        situation="site/no-crawl-held" if held else "site/no-crawl",
        uses=frozenset(Use) - {Use.CRAWL},
    )


def _note(document: Document, rule: str, message: str, value: Value | None = None) -> Finding:
    where = evidence(document, value.locator, value.quote) if value else evidence(document, "line:1")
    return Finding(rule=rule, kind=Kind.NOTE, message=message, evidence=where)


def _on_training(finding: Finding) -> bool:
    return finding.statement is not None and finding.statement.uses == AI_TRAIN


def _conflict(trainings: list[tuple[Document, Finding]]) -> Iterator[Finding]:
    """A note when the two files of the draft disagree; the denial decides although JSON is preferred."""
    preferences = {finding.statement.preference for _, finding in trainings if finding.statement}
    if len(preferences) > 1 and len({document.carrier for document, _ in trainings}) > 1:
        _, finding = trainings[-1]
        yield Finding(
            rule="ai-txt/conflict",
            kind=Kind.NOTE,
            message="ai.txt and ai.json disagree on training",
            evidence=finding.evidence,
        )
