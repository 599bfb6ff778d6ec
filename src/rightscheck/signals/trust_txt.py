"""trust.txt (JournalList): whether the site allows its data to be used for training.

`datatrainingallowed` was added in April 2024. `no` denies; `yes` is weak: no licence.
"""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.model import Document, Finding, Gap, Statement
from rightscheck.site.root_file import Line, lines_of, read_text
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import AI_TRAIN, Carrier, Kind, Preference, Scope, Standing

ROOT = "/trust.txt"
WELL_KNOWN = "/.well-known/trust.txt"
_KEY = "datatrainingallowed"
_AROUND = " \t\"'{}[];,."
"""Signs around a name or a value that another format put there."""
_LENIENT_DENIALS = frozenset(
    {"false", "n", "0", "none", "never", "deny", "denied", "disallow", "not allowed"}
)


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the site's trust.txt says on training; of several files the first that is one counts."""
    for document in sources.documents.get(Carrier.TRUST_TXT, ()):
        text = read_text(document)
        if isinstance(text, Gap):
            yield text
        elif text is not None:
            yield from _read(text, document)
            return


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The file's second place, when the root has none."""
    documents = sources.documents.get(Carrier.TRUST_TXT, ())
    if (
        len(documents) == 1
        and documents[0].url.endswith(ROOT)
        and not documents[0].url.endswith(WELL_KNOWN)
        and read_text(documents[0]) is None
    ):
        yield Carrier.TRUST_TXT, documents[0].url.removesuffix(ROOT) + WELL_KNOWN


def _read(text: str, document: Document) -> Iterator[Finding]:
    for line in lines_of(text):
        name, equals, value = line.text.partition("=")
        if not equals:
            name, equals, value = line.text.partition(":")
        if equals and name.strip(_AROUND).lower().replace("-", "").replace("_", "") == _KEY:
            plain = value.strip().strip("\"'").lower()
            bare = plain.strip(_AROUND)
            yield _finding(document, line, bare, written="=" in line.text and bare == plain)


def _finding(document: Document, line: Line, value: str, *, written: bool) -> Finding:
    where = evidence(document, f"line:{line.number}", line.written)
    if value == "yes":
        preference, standing = Preference.ALLOW, Standing.WEAK
    elif value == "no":
        preference, standing = Preference.DISALLOW, Standing.EFFECTIVE if written else Standing.MALFORMED
    elif value in _LENIENT_DENIALS:
        preference, standing = Preference.DISALLOW, Standing.MALFORMED
    else:
        message = f"trust.txt: `{value[:40]}` is no value of `{_KEY}`"
        return Finding(rule="trust-txt/malformed", kind=Kind.NOTE, message=message, evidence=where)
    allows = preference is Preference.ALLOW
    malformed = standing is Standing.MALFORMED
    return Finding(
        rule="trust-txt/malformed" if malformed else f"trust-txt/{preference.value}",
        kind=Kind.PERMISSION if allows else Kind.RESERVATION,
        message=f"trust.txt says that the site's data may {'' if allows else 'not '}be trained on"
        + (" (malformed, read leniently)" if malformed else ""),
        evidence=where,
        statement=Statement(preference=preference, uses=AI_TRAIN, standing=standing, scope=Scope.SITE),
    )
