"""Laws of the robots.txt engine, whatever the file holds."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rightscheck.robots import RobotsTxt, canonical_path, canonical_pattern, match_path, pattern_length
from rightscheck.robots.google import GoogleReading
from rightscheck.robots.legacy import LegacyReading

PATTERN_CHARACTERS = "abAB/*$%2e7E.?=&é "
PATHS = st.text(alphabet="abAB/%2e7E.?=&é$*", max_size=12).map(lambda rest: "/" + rest.lstrip("/"))
PATTERNS = st.text(alphabet=PATTERN_CHARACTERS, max_size=10).map(lambda rest: "/" + rest.strip())
AGENTS = st.sampled_from(["MyBot", "OtherBot", "*", "AI2Bot", "MyBot/1.0"])
RULES = st.tuples(st.booleans(), PATTERNS)
LINES = st.one_of(
    RULES.map(lambda rule: f"{'Allow' if rule[0] else 'Disallow'}: {rule[1]}"),
    AGENTS.map(lambda agent: f"User-agent: {agent}"),
    st.sampled_from(
        ["", "# note", "Sitemap: https://a.example/s.xml", "Crawl-delay: 3", "Content-Signal: x"]
    ),
)
FAULTY = st.sampled_from(
    [
        "Dissallow: /a",
        "disallow /b",
        "Useragent: MyBot",
        "User-agent: A, MyBot",
        "\ufeffDisallow: /",
        "Alow: /",
    ]
)
FILES = st.lists(st.one_of(LINES, LINES, LINES, FAULTY), max_size=14).map("\n".join)
relaxed = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def matches_slowly(pattern: str, path: str) -> bool:
    """The definition of a match, by the set of places reached so far."""
    anchored = pattern.endswith("$")
    places = {0}
    for octet in pattern[:-1] if anchored else pattern:
        if octet == "*":
            places = {later for place in places for later in range(place, len(path) + 1)}
        else:
            places = {place + 1 for place in places if path[place : place + 1] == octet}
    return (len(path) in places) if anchored else bool(places)


@relaxed
@given(PATTERNS, PATHS)
def test_the_matcher_is_its_definition(pattern: str, path: str) -> None:
    canonical = canonical_path(path)
    assert match_path(pattern, canonical) == matches_slowly(canonical_pattern(pattern), canonical)


@relaxed
@given(st.lists(RULES, max_size=8), PATHS)
def test_the_longest_match_wins(rules: list[tuple[bool, str]], path: str) -> None:
    body = "User-agent: *\n" + "".join(
        f"{'Allow' if allow else 'Disallow'}: {rule}\n" for allow, rule in rules
    )
    canonical = canonical_path(path)
    found = [
        (pattern_length(rule), allow)
        for allow, rule in rules
        if "#" not in rule and matches_slowly(canonical_pattern(rule), canonical)
    ]
    expected = max(found)[1] if found else True
    if canonical != "/robots.txt":
        assert RobotsTxt.parse(body.encode()).decide("MyBot", path).allowed is expected


@relaxed
@given(st.binary(max_size=400), st.text(max_size=12), st.text(max_size=40))
def test_nothing_raises(body: bytes, agent: str, url: str) -> None:
    robots = RobotsTxt.parse(body)
    robots.decide(agent, url)
    robots.decide_many(agent, [url] * 20)
    GoogleReading(body).decide(agent, url)
    LegacyReading(body).decide(agent, url)
    assert robots.lines("sitemap", agent) is not None
    for text in (*robots.sitemaps, *(block.text for block in robots.comments)):
        text.encode("utf-8")  # fit to be printed
    for group in robots.groups:
        "".join(group.agents).encode("utf-8")


@relaxed
@given(FILES, AGENTS, st.lists(PATHS, min_size=1, max_size=40))
def test_many_at_once_decide_alike(text: str, agent: str, paths: list[str]) -> None:
    robots = RobotsTxt.parse(text.encode())
    hosts = ("https://a.example", "https://a.example", "http://b.example", "")
    urls = [hosts[index % 4] + path for index, path in enumerate(paths * 3)]
    assert robots.decide_many(agent, urls) == [robots.decide(agent, url).allowed for url in urls]


@relaxed
@given(st.lists(st.tuples(AGENTS, st.lists(RULES, min_size=1, max_size=3)), max_size=4), PATHS, st.randoms())
def test_the_order_of_groups_does_not_matter(
    groups: list[tuple[str, list[tuple[bool, str]]]], path: str, chance: object
) -> None:
    def written(order: list[tuple[str, list[tuple[bool, str]]]]) -> bytes:
        lines = []
        for agent, rules in order:
            lines.append(f"User-agent: {agent}")
            lines += [f"{'Allow' if allow else 'Disallow'}: {rule}" for allow, rule in rules]
        return "\n".join(lines).encode()

    shuffled = list(groups)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    for agent in ("MyBot", "OtherBot", "AI2Bot"):
        one = RobotsTxt.parse(written(groups)).decide(agent, path)
        assert one.allowed == RobotsTxt.parse(written(shuffled)).decide(agent, path).allowed


@relaxed
@given(st.lists(RULES, max_size=6), PATTERNS, PATHS)
def test_one_more_disallow_never_opens(rules: list[tuple[bool, str]], added: str, path: str) -> None:
    body = "User-agent: *\n" + "".join(
        f"{'Allow' if allow else 'Disallow'}: {rule}\n" for allow, rule in rules
    )
    before = RobotsTxt.parse(body.encode()).decide("MyBot", path).allowed
    after = RobotsTxt.parse(f"{body}Disallow: {added}\n".encode()).decide("MyBot", path).allowed
    assert before or not after


@relaxed
@given(
    FILES, AGENTS, PATHS, st.sampled_from(["# a comment", "", "Unknown: x", "Sitemap: https://a.example/"])
)
def test_lines_that_say_nothing_change_nothing(text: str, agent: str, path: str, line: str) -> None:
    lines = text.split("\n")
    spread = f"\n{line}\n".join(lines)
    one = RobotsTxt.parse(text.encode()).decide(agent, path)
    assert one.allowed == RobotsTxt.parse(spread.encode()).decide(agent, path).allowed


@relaxed
@given(FILES, AGENTS, PATHS, st.sampled_from(["\r", "\r\n"]))
def test_line_ends_are_alike(text: str, agent: str, path: str, end: str) -> None:
    one = RobotsTxt.parse(text.encode()).decide(agent, path)
    assert one == RobotsTxt.parse(text.replace("\n", end).encode()).decide(agent, path)


@relaxed
@given(FILES, FAULTY, AGENTS, PATHS)
def test_a_mended_line_never_opens(text: str, fault: str, agent: str, path: str) -> None:
    clean = "\n".join(line for line in text.split("\n") if "llow " not in line)
    before = RobotsTxt.parse(clean.encode()).decide(agent, path).allowed
    after = RobotsTxt.parse(f"{clean}\n{fault}".encode()).decide(agent, path).allowed
    assert before or not after or fault.startswith("User-agent")


@relaxed
@given(st.text(max_size=60))
def test_a_canonical_path_is_canonical(url: str) -> None:
    path = canonical_path(url)
    assert path.startswith("/")
    assert path.isascii()
    if not path.startswith("//"):  # that would be a host
        assert canonical_path(path) == path


@relaxed
@given(PATTERNS)
def test_a_canonical_pattern_is_canonical(pattern: str) -> None:
    assert canonical_pattern(canonical_pattern(pattern)) == canonical_pattern(pattern)
