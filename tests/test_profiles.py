"""Profiles: the decision table as shipped, inheritance, and the faults of a profile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rightscheck.errors import PolicyError
from rightscheck.model import Holder
from rightscheck.registry import Profile, load_profile, policies_dir, profile_names, situations
from rightscheck.vocab import AI_ALL, AI_TRAIN, Carrier, Outcome, Use

SHIPPED = ("ai-union", "eu-research", "eu-tdm", "standard", "strict", "text-only")
MINING = {Use.TDM, Use.AI_INDEX, Use.EVALUATE, *AI_TRAIN}


def outcomes(profile: Profile, situation: str, commercial: bool = True) -> dict[Outcome, set[Use]]:
    found: dict[Outcome, set[Use]] = {}
    for use in Use:
        found.setdefault(profile.outcome(situation, use, commercial), set()).add(use)
    return found


def test_the_shipped_profiles_are_these() -> None:
    assert profile_names() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_answers_every_cell(name: str) -> None:
    profile = load_profile(name)

    cells = [
        profile.outcome(situation, use, commercial)
        for situation in situations()
        for use in Use
        for commercial in (True, False)
    ]

    assert len(cells) == len(situations()) * len(Use) * 2
    assert set(cells) <= set(Outcome)
    assert profile.id == name


@pytest.mark.parametrize("name", SHIPPED)
def test_no_shipped_profile_lets_a_denial_of_copying_pass(name: str) -> None:
    profile = load_profile(name)

    for situation in ("denial/machine", "sentence/denial", "registry/denial", "permission/obtainable"):
        for use in (Use.REPRODUCE, Use.REDISTRIBUTE):
            assert profile.outcome(situation, use, False) is Outcome.NO_GO


@pytest.mark.parametrize("name", SHIPPED)
def test_only_permission_grant_house_and_silence_are_ever_go(name: str) -> None:
    profile = load_profile(name)

    going = {
        situation
        for situation in situations()
        for use in Use
        for commercial in (True, False)
        if profile.outcome(situation, use, commercial) is Outcome.GO
    }

    assert going <= {"silence", "permission/plain", "registry/permission", "grant/active", "house/allow"}


def test_a_row_that_is_one_outcome_answers_every_use() -> None:
    assert outcomes(load_profile("standard"), "gap") == {Outcome.REVIEW: set(Use)}


def test_a_use_is_answered_by_its_nearest_group(tmp_path: Path) -> None:
    row = '{ ai-train-gen = "review", ai-train = "no-go", ai-all = "go-with-duty", other = "note" }'

    profile = load_profile(str(write(tmp_path, "own", f"[situations]\nsilence = {row}")))

    assert profile.outcome("silence", Use.AI_TRAIN_GEN) is Outcome.REVIEW
    assert profile.outcome("silence", Use.AI_TRAIN_OTHER) is Outcome.NO_GO
    assert profile.outcome("silence", Use.AI_INPUT) is Outcome.GO_WITH_DUTY
    assert profile.outcome("silence", Use.SEARCH) is Outcome.NOTE


def test_ai_union_counts_one_closed_training_agent_as_reserved() -> None:
    assert outcomes(load_profile("ai-union"), "robots/training-agent-closed") == {
        Outcome.NO_GO: {Use.TDM, *AI_ALL},
        Outcome.NOTE: set(Use) - {Use.TDM} - AI_ALL,
    }


def test_eu_research_notes_reservations_of_mining_without_commerce_only() -> None:
    profile = load_profile("eu-research")

    assert profile.lineage == ("eu-research", "eu-tdm", "standard")
    assert outcomes(profile, "denial/machine", commercial=True) == {Outcome.NO_GO: set(Use)}
    assert outcomes(profile, "denial/machine", commercial=False) == {
        Outcome.NOTE: MINING,
        Outcome.NO_GO: set(Use) - MINING,
    }


def test_text_only_requires_the_text_and_the_others_what_can_speak() -> None:
    assert load_profile("text-only").required == {Carrier.TEXT}
    assert load_profile("strict").required == {
        Carrier.ROBOTS_TXT,
        Carrier.HTTP_HEADERS,
        Carrier.TDMREP,
        Carrier.HTML,
        Carrier.TEXT,
    }


def test_notes_are_inherited_and_added() -> None:
    assert load_profile("eu-research").notes["sentence/denial"] == "legal force contested"
    assert load_profile("standard").notes == {}


def write(folder: Path, name: str, text: str, inherits: str = "standard") -> Path:
    path = folder / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'id = "{name}"\ntitle = "Own"\n' + (f'inherits = "{inherits}"\n' if inherits else "")
    path.write_text(head + text + "\n", "utf-8")
    return path


def test_an_own_profile_changes_rows_of_the_one_it_inherits(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "house",
        'required = ["text"]\naccepts_duties = false\nstale_after_days = 7\n[situations]\ngap = "note"\n'
        '[notes]\ngap = "we know"\n',
    )

    profile = load_profile(str(path))

    assert profile.outcome("gap", Use.TDM) is Outcome.NOTE
    assert profile.outcome("denial/machine", Use.TDM) is Outcome.NO_GO
    assert (profile.required, profile.accepts_duties, profile.stale_after_days) == ({Carrier.TEXT}, False, 7)
    assert profile.expiring_within_days == load_profile("standard").expiring_within_days
    assert profile.notes == {"gap": "we know"}


def test_a_row_written_anew_undoes_an_inherited_answer_for_research(tmp_path: Path) -> None:
    path = write(tmp_path, "lab", '[situations]\n"denial/machine" = "no-go"', inherits="eu-research")

    profile = load_profile(str(path))

    assert profile.outcome("denial/machine", Use.TDM, False) is Outcome.NO_GO
    assert profile.outcome("sentence/denial", Use.TDM, False) is Outcome.NOTE


def test_an_own_folder_is_asked_first_and_may_build_on_its_namesake(tmp_path: Path) -> None:
    write(tmp_path / "profiles", "standard", '[situations]\ngap = "no-go"')
    write(tmp_path / "profiles", "ours", "", inherits="standard")

    assert load_profile("ours", tmp_path).outcome("gap", Use.TDM) is Outcome.NO_GO
    assert load_profile("ours", tmp_path).lineage == ("ours", "standard", "standard")
    assert load_profile("strict", tmp_path).id == "strict"
    assert load_profile("standard").outcome("gap", Use.TDM) is Outcome.REVIEW


def test_the_digest_covers_the_whole_lineage(tmp_path: Path) -> None:
    write(tmp_path / "profiles", "standard", '[situations]\ngap = "no-go"')
    own = write(tmp_path / "profiles", "ours", "", inherits="standard")
    before = load_profile("ours", tmp_path).sha256

    write(tmp_path / "profiles", "standard", '[situations]\ngap = "note"')

    assert load_profile("ours", tmp_path).sha256 != before
    assert load_profile(str(own), tmp_path).sha256 == load_profile("ours", tmp_path).sha256


HOUSE = """
[[house]]
action = "block"
hosts = ["*.tabloid.example", "tabloid.example"]
reason = "libel risk"

[[house]]
action = "allow"
holders = ["Harbour Wire Agency Ltd"]
licences = ["CC0-1.0"]
uses = ["ai-all"]
reason = "framework contract"
"""


def test_a_house_rule_applies_when_all_that_it_names_is_met(tmp_path: Path) -> None:
    block, allow = load_profile(str(write(tmp_path, "own", HOUSE))).house
    wire = Holder(id="hw", name="Harbour Wire", names=frozenset({"harbour wire agency"}))

    assert block.applies(Use.CRAWL, "https://www.tabloid.example/a", (), ())
    assert not block.applies(Use.CRAWL, "https://tabloid.example.evil.example/", (), ())
    assert not block.applies(Use.CRAWL, None, (wire,), ("CC0-1.0",))
    assert allow.applies(Use.AI_INPUT, None, (wire,), ("cc0-1.0",))
    assert not allow.applies(Use.SEARCH, None, (wire,), ("cc0-1.0",))
    assert not allow.applies(Use.AI_INPUT, None, (wire,), ())
    assert not allow.applies(Use.AI_INPUT, None, (), ("cc0-1.0",))


def test_own_house_rules_come_before_inherited_ones(tmp_path: Path) -> None:
    write(tmp_path / "profiles", "parent", HOUSE)
    child = '[[house]]\naction = "allow"\nhosts = ["tabloid.example"]\nreason = "cleared"'
    write(tmp_path / "profiles", "child", child, inherits="parent")

    assert [rule.reason for rule in load_profile("child", tmp_path).house] == [
        "cleared",
        "libel risk",
        "framework contract",
    ]


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ('[situations]\n"denial/machin" = "no-go"', 'situations."denial/machin"', "unknown situation"),
        ('[situations]\ngap = "perhaps"', "situations.gap", "`perhaps` is not one of"),
        ("[situations]\ngap = 1", "situations.gap", "is not one of"),
        ('[situations]\ngap = { tdm = "perhaps", other = "go" }', "situations.gap.tdm", "`perhaps` is not one of"),
        ('[situations]\ngap = { mining = "go", other = "go" }', 'situations.gap.mining', "unknown use"),
        ('[situations]\ngap = { all = "go", other = "go" }', 'situations.gap.all', "unknown use"),
        ('[situations]\ngap = { tdm = "go" }', 'situations.gap', "no answer for crawl, archive"),
        ('[situations]\ngap = {}', 'situations.gap', "no answer for crawl"),
        ('[non_commercial]\n"gap" = { tdm = "go" }', 'non_commercial.gap', "no answer for"),
        ('[notes]\nnothing = "x"', 'notes.nothing', "unknown situation"),
        ("[notes]\ngap = 1", "notes.gap", "expected text in quotes"),
        ('required = ["robots"]', "required[0]", "`robots` is not one of"),
        ('required = "html"', "required", "expected a list"),
        ("stale_after_days = -1", "stale_after_days", "`-1` is less than 0"),
        ("stale_after_days = 1.5", "stale_after_days", "expected a whole number"),
        ('agents = ["My Bot"]', "agents[0]", "`My Bot` is no product token"),
        ('accepts_duties = "yes"', "accepts_duties", "expected true or false"),
        ("silence = 1", "silence", "unknown key"),
        ('[[house]]\naction = "ban"\nhosts = ["a.example"]\nreason = "x"', "house[0].action", "`ban` is not one of"),
        ('[[house]]\naction = "block"\nhosts = ["a.example"]', "house[0].reason", "missing"),
        ('[[house]]\naction = "block"\nreason = "x"', "house[0]", "names neither"),
        ('[[house]]\naction = "block"\nhosts = ["http://a"]\nreason = "x"', "house[0].hosts[0]", "is not a host"),
        ('[[house]]\naction = "block"\nhosts = ["*"]\nuses = ["ai"]\nreason = "x"', "house[0].uses[0]", "unknown use"),
        ('[[law]]\ntitle = "x"\nsource = "a statute"\nchecked = 2026-01-01', "law[0].source", "is not an http"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_file_key_and_reason(text: str, key: str, reason: str, tmp_path: Path) -> None:
    path = write(tmp_path, "own", text)

    with pytest.raises(PolicyError) as caught:
        load_profile(str(path))

    assert any(
        problem.file == str(path) and problem.key == key and reason in str(problem)
        for problem in caught.value.problems
    ), str(caught.value)


def test_a_profile_that_inherits_from_nobody_answers_every_row_itself(tmp_path: Path) -> None:
    path = write(tmp_path, "own", '[situations]\ngap = "review"', inherits="")

    with pytest.raises(PolicyError) as caught:
        load_profile(str(path))

    assert len(caught.value.problems) == len(situations()) - 1
    assert {problem.reason for problem in caught.value.problems} == {"not answered"}


def test_inheritance_in_a_circle_is_named(tmp_path: Path) -> None:
    write(tmp_path / "profiles", "a", "", inherits="b")
    write(tmp_path / "profiles", "b", "", inherits="c")
    write(tmp_path / "profiles", "c", "", inherits="a")

    with pytest.raises(PolicyError, match="goes round in a circle: a -> b -> c -> a"):
        load_profile("a", tmp_path)


def test_a_profile_cannot_inherit_itself(tmp_path: Path) -> None:
    path = write(tmp_path, "own", "", inherits="own")

    with pytest.raises(PolicyError, match="there is no profile `own`"):
        load_profile(str(path))


@pytest.mark.parametrize("name", ["standrd", "", "../standard", "no/such.toml"])
def test_a_profile_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(PolicyError):
        load_profile(name)


def test_a_missing_profile_lists_those_at_hand() -> None:
    with pytest.raises(PolicyError, match="profiles: ai-union, eu-research"):
        load_profile("standrd")


def test_every_shipped_profile_names_its_schema() -> None:
    for path in (policies_dir() / "profiles").glob("*.toml"):
        assert path.read_text("utf-8").startswith("#:schema ../schema/profile.json\n")


def test_profiles_are_shown_and_compared_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    from rightscheck.cli.app import run

    assert run(["profile", "show", "eu-research", "-f", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["non_commercial"]["denial/covers"]["tdm"] == "note"
    assert run(["profile", "diff", "standard", "text-only", "-f", "json"]) == 0
    assert [row["situation"] for row in json.loads(capsys.readouterr().out)] == ["terms/fetch-failed"]
    assert run(["profile", "show", "nobody"]) == 2
    assert run(["profile", "list"]) == 0
