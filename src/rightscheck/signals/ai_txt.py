"""ai.txt: Spawning's /ai.txt, and /.well-known/ai.txt and ai.json (draft-car-ai-txt-wellknown-00).

Only explicit values count; an `allow` is weak, since no operator is known to rely on it. Files of other
dialects that seem to refuse AI are malformed denials.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from rightscheck.model import Document, Finding, Gap, Statement
from rightscheck.robots import Group, RobotsTxt, canonical_path, match_path, pattern_length, product_token
from rightscheck.site.root_file import read_text
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
_TEXT_CLASS = frozenset({"html", "htm", "xhtml", "txt"})
"""Extensions that stand for text; a page without one of its own goes by them."""
_BY_TYPE = {
    "application/pdf": "pdf",
    "audio/mpeg": "mp3",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
}


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


# --- Spawning -------------------------------------------------------------------------------------


def _spawning(document: Document, sources: Sources) -> Iterator[Finding]:
    """The rule for this asset: by path, by its own extension, by its class, then the global one."""
    rules, standing = _rules(document, sources)
    ranked: list[tuple[tuple[int, int, bool], int, str]] = []
    path, extensions = _path_of(sources), _extensions(sources)
    for number, allow, value, text in rules:
        for pattern in value.replace(",", " ").split():
            rank = _rank(pattern, path, extensions)
            if rank is not None:
                ranked.append(((*rank, not allow), number, text))
    if not ranked:
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


def _extensions(sources: Sources) -> tuple[str, frozenset[str]]:
    """The asset's own extension (`html` for a page without one), and those of its class."""
    try:
        suffix = PurePosixPath(urlsplit(sources.asset.uri or "").path).suffix.lower()[1:]
    except ValueError:
        suffix = ""
    media_type = sources.asset.media_type
    if media_type == "text/html" or sources.asset.text is not None:
        own = suffix if suffix in _TEXT_CLASS else "html" if media_type == "text/html" else suffix or "txt"
        return own, _TEXT_CLASS
    kin = frozenset({"jpg", "jpeg"}) if media_type == "image/jpeg" else frozenset[str]()
    return suffix or _BY_TYPE.get(media_type, ""), kin


def _rank(pattern: str, path: str, extensions: tuple[str, frozenset[str]]) -> tuple[int, int] | None:
    """How specific a pattern is for the asset; None when it does not match."""
    if pattern in ("/", "*", "/*", "*.*"):
        return 0, 0
    extension = re.fullmatch(r"/?\*?\.([A-Za-z0-9]{1,8})\$?", pattern)
    if extension is not None:
        own, kin = extensions
        named = extension[1].lower()
        if named == own:
            return 2, len(named)
        return (1, len(named)) if named in kin else None
    if not pattern.startswith(("/", "*")):
        pattern = f"/{pattern}"
    return (3, pattern_length(pattern)) if match_path(pattern, path) else None


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
        if not _ABOUT_AI.search(key):
            continue
        refusing = text not in ("", "no", "none", "false") if _REFUSING_KEY.match(key) else text in NEGATIVE
        if refusing:
            message = f"{document.carrier.value} of an unknown dialect seems to refuse AI training"
            yield _finding(
                document, value, Preference.DISALLOW, AI_TRAIN, standing=Standing.MALFORMED, message=message
            )
            return


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
