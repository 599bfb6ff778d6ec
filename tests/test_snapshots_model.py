"""The store against a plain list: whatever is put in whatever order, both answer the same."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rightscheck.model import Document
from rightscheck.snapshots import PolicyTime, SnapshotStore
from rightscheck.sources import digest
from rightscheck.vocab import Carrier

START = datetime(2025, 1, 1, tzinfo=UTC)
URLS = st.sampled_from([f"https://{host}.example/robots.txt" for host in ("a", "b", "c")])
CARRIERS = st.sampled_from([Carrier.ROBOTS_TXT, Carrier.AI_TXT])
TIMES = st.integers(0, 10 * 24 * 3600 * 10**6).map(lambda n: START + timedelta(microseconds=n))
FEW_TIMES = st.one_of(TIMES, st.sampled_from([START, START + timedelta(days=1)]))
TEXTS = st.text(max_size=8)


@st.composite
def documents(draw) -> Document:
    body = draw(st.one_of(st.sampled_from([b"", b"User-agent: *\n" * 20]), st.binary(max_size=200)))
    status = draw(st.sampled_from([None, 200, 301, 404, 503]))
    silent = status is None and not body
    url = draw(URLS)
    return Document(
        carrier=draw(CARRIERS),
        url=url,
        final_url=draw(st.sampled_from([url, ""])),
        status=status,
        failure="dns" if silent else draw(st.sampled_from(["", "connect"])),
        headers=tuple(draw(st.lists(st.tuples(TEXTS, TEXTS), max_size=3))),
        redirects=tuple(draw(st.lists(URLS, max_size=2))),
        body=body,
        sha256="" if silent else digest(body),
        truncated=draw(st.booleans()),
        retrieved_at=draw(FEW_TIMES),
    )


class AgainstAList(RuleBasedStateMachine):
    """The model: a list without repetitions, in the order of putting; sorting by time is stable."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "store.sqlite"
        self.store = SnapshotStore.open(self.path)
        self.put: list[Document] = []

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    def known(self, url: str, carrier: Carrier) -> list[Document]:
        found = [document for document in self.put if (document.url, document.carrier) == (url, carrier)]
        return sorted(found, key=lambda document: document.retrieved_at)

    @rule(document=documents())
    def put_one(self, document: Document) -> None:
        assert self.store.put(document) is (document not in self.put)
        self.remember(document)

    @rule(several=st.lists(documents(), max_size=6), batch=st.integers(1, 4))
    def put_several(self, several: list[Document], batch: int) -> None:
        before = len(self.put)
        added = self.store.put_many(several, batch=batch)
        for document in several:
            self.remember(document)
        assert added == len(self.put) - before

    def remember(self, document: Document) -> None:
        if document not in self.put:
            self.put.append(document)

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = SnapshotStore.open(self.path)

    @rule(url=URLS, carrier=CARRIERS)
    def ask_for_all(self, url: str, carrier: Carrier) -> None:
        known = self.known(url, carrier)
        assert list(self.store.history(url, carrier)) == known
        assert self.store.latest(url, carrier) == (known[-1] if known else None)

    @rule(url=URLS, carrier=CARRIERS, when=FEW_TIMES)
    def ask_for_a_time(self, url: str, carrier: Carrier, when: datetime) -> None:
        crawled = [document for document in self.known(url, carrier) if document.retrieved_at <= when]
        that_day = [
            document for document in self.known(url, carrier) if document.retrieved_at.date() <= when.date()
        ]
        assert self.store.at(url, carrier, when, PolicyTime.AS_CRAWLED) == (crawled or [None])[-1]
        assert self.store.at(url, carrier, when.date(), PolicyTime.DATE) == (that_day or [None])[-1]
        distances = [abs(document.retrieved_at - when) for document in self.known(url, carrier)]
        near = self.store.nearest(url, carrier, when)
        if not distances or min(distances) > timedelta(hours=24):
            assert near is None
        else:
            assert abs(near.retrieved_at - when) == min(distances)

    @invariant()
    def counts(self) -> None:
        assert self.store.summary().observations == len(self.put)
        assert self.store.summary().bodies == len({document.sha256 for document in self.put} - {""})


AgainstAList.TestCase.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
TestAgainstAList = AgainstAList.TestCase
