"""The page and the terminal text say what the card says, and nothing of the user's text is ever markup."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from report_cards import CARDS, FINDINGS

from icp.reports import build_report, summary_text
from icp.reports._summary import summarise


class Outline(HTMLParser):
    """Tags, ids, headings and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_data(self, data):
        self.words.append(data)


def page_of(name: str, **more: str) -> str:
    return build_report(CARDS[name](), FINDINGS, **{"title": "Leads", "model_version": "leads-0123456789ab", **more})


def first_screen(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page.split('id="summary"')[1].split("</section>")[0])


@pytest.mark.parametrize("name", sorted(CARDS))
def test_every_card_gives_a_page_below_one_megabyte_in_the_same_bytes(name):
    page = page_of(name)
    assert page.startswith("<!doctype html>")
    assert len(page.encode("utf-8")) < 1_000_000
    assert page == page_of(name)
    assert "None" not in "".join(Outline(page).words)
    assert "nan" not in re.findall(r"[a-z]+", page.split("</style>")[1].split("<script>")[0])


def test_the_first_screen_names_the_profiles_the_lift_its_interval_and_the_next_steps():
    said = first_screen(page_of("full"))
    assert "4.1 times" in said
    assert "3.5 to 4.8" in said
    assert "1,222 accounts the model had not seen" in said
    assert "Industry Software and Cloud provider AWS" in said
    assert "Call tier A first." in said
    assert "1 in 2.9 became best customers, against 1 in 12 overall" in said
    assert "contract_signed" in said


def test_without_signal_the_page_says_so_before_anything_else_and_never_says_call():
    page = page_of("no_signal")
    said = first_screen(page)
    assert page.index("Do not use this list") < page.index("No signal:") < page.index('class="facts"')
    assert "Do not hand this list to sales." in said
    assert "Call tier" not in said
    assert "Better than chance" not in page
    assert page.count("This model found no signal") == 4


def test_an_interval_that_reaches_one_is_called_uncertain():
    card = CARDS["full"]()
    card["metrics"] |= {"lift_at_10": 1.6, "lift_at_10_low": 0.9}
    said = first_screen(build_report(card))
    assert "Uncertain" in said
    assert "may be luck" in said


def test_too_few_best_customers_give_no_claim_about_ranking():
    said = first_screen(page_of("tiny"))
    assert "17 best customers are too few" in said
    assert "Collect 23 more best customers." in said
    assert "times as many" not in said


def test_no_profiles_is_said_and_names_no_profile():
    page = page_of("no_profiles")
    assert "No stable profiles" in first_screen(page)
    assert 'id="profile-1"' not in page
    assert "Write for" not in page
    for rule in ("no clearer than in data without groups", "holds too few best customers", "is not found again often"):
        assert page.count(rule) == 1


def test_hostile_texts_stay_text():
    page = page_of("hostile", title="<script>alert(2)</script>", model_version="<script>alert(3)</script>")
    outline = Outline(page)
    assert outline.tags.count("script") == 1
    assert "img" not in outline.tags
    assert not [name for _, name, _ in outline.attributes if name.startswith("on")]
    assert "\x1b" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_hostile_column_name_is_shown_as_written():
    card = CARDS["full"]()
    card["data"]["columns"][0]["name"] = "<script>"
    outline = Outline(build_report(card))
    assert "<script>" in outline.words
    assert outline.tags.count("script") == 1


def test_the_policy_allows_the_one_script_by_its_hash_and_nothing_is_fetched():
    page = page_of("full")
    script = page.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page
    links = [value for _, name, value in Outline(page).attributes if name in ("src", "href", "action")]
    assert links
    assert all(link.startswith("#") or link == "data:," for link in links)


@pytest.mark.parametrize("name", sorted(CARDS))
def test_ids_are_unique_links_arrive_and_headings_step_by_one(name):
    page = page_of(name)
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    targets = [value[1:] for tag, key, value in outline.attributes if tag == "a" and key == "href"]
    assert set(targets) <= set(outline.ids)
    levels = [int(tag[1]) for tag in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert {"header", "nav", "main", "footer"} <= set(outline.tags)


def test_every_drawing_has_a_name_and_its_table():
    outline = Outline(page_of("full"))
    drawings = [value for tag, name, value in outline.attributes if tag == "svg" and name == "aria-label"]
    assert len(drawings) == outline.tags.count("figure") == 3 + 1 + 12 + 3 + 1 + 2 + 1 + 6
    assert all(drawings)


def test_issues_come_first_among_the_findings():
    page = build_report(CARDS["full"](), list(reversed(FINDINGS)))
    assert page.index("badge issue") < page.index("badge warning") < page.index("badge note")


def test_the_terminal_text_has_ten_to_fifteen_lines_with_lift_interval_and_profiles():
    said = summary_text(CARDS["full"](), FINDINGS, model_version="leads-0123456789ab")
    assert 10 <= len(said.splitlines()) <= 15
    assert "4.1 times" in said
    assert "3.5 to 4.8" in said
    assert "P3  22 %" in said
    assert "1 issue, 2 warnings, 3 notes" in said


@pytest.mark.parametrize("name", sorted(CARDS))
def test_the_terminal_text_holds_no_control_character(name):
    said = summary_text(CARDS[name](), FINDINGS)
    assert all(line.isprintable() for line in said.splitlines())


def test_the_terminal_text_says_no_signal_in_its_second_line():
    assert summary_text(CARDS["no_signal"]()).splitlines()[1].startswith("No signal")


def test_a_score_of_known_customers_says_what_its_propensity_is():
    meaning = "Propensity is the chance of being among the known customers."
    card = {**CARDS["full"](), "unlabelled_base": {"meaning": meaning, "lower_bounds": ["auc"], "unbiased": []}}
    page = build_report(card, FINDINGS, title="Leads", model_version="leads-0123456789ab")
    assert meaning in page
    assert meaning not in page_of("full")
    for known, plain in ((page, page_of("full")), (summary_text(card), summary_text(CARDS["full"]()))):
        assert "labelled accounts" in plain and "labelled accounts" not in known  # the base has no label


@pytest.mark.parametrize(
    ("recipe", "text", "said"),
    [
        ("revenue", "is in the top 20 % by money", "A best customer is an account that is in the top 20 % by money"),
        ("flag", "Converted is 1", "A best customer is an account where Converted is 1"),
        ("own", "anything", "Best customer: anything"),
    ],
)
def test_the_definition_is_a_sentence_on_the_page_and_in_the_terminal(recipe, text, said):
    card = CARDS["full"]()
    card["definition"] |= {"recipe": recipe, "text": text}
    assert f"<h3>{said}</h3>" in build_report(card)
    assert said in summary_text(card)


def money(**more):
    card = CARDS["full"]()
    card["value"] |= more
    return build_report(card)


def test_the_page_says_what_ordering_by_expected_value_brings():
    captured = CARDS["full"]()["value"]["captured"]
    less = captured | {"difference": -0.1, "difference_low": -0.2, "difference_high": -0.01}
    either = captured | {"difference_low": -0.01}
    assert "by expected value puts more money into the first tenth" in money()
    assert "by expected value puts less money into the first tenth" in money(captured=less)
    assert "Neither order is shown to put more money into the first tenth" in money(captured=either)
    assert "Too few amounts were held out" in money(captured={})
    assert "an amount predicted by a model" in money(kind="model")
    assert "too few for a model of amounts" in money(compared=None)


def test_no_amounts_give_no_word_about_money():
    card = CARDS["full"]()
    card["value"] = {}
    assert "Expected value is" not in build_report(card)


def test_a_level_of_confidence_whose_number_did_not_hold_is_named():
    card = CARDS["full"]()
    assert "At every level the propensity stated lies inside" in build_report(card)
    card["confidence"]["levels"][1]["mean_propensity"] = 0.4
    assert "At medium confidence the propensity stated lies outside" in build_report(card)


def test_a_group_of_one_account_is_never_the_most_over_represented():
    groups = [
        {"group": "odd", "n": 1, "rate": 1.0, "index": 900.0, "index_low": 300.0, "index_high": 2000.0},
        {"group": "many", "n": 67, "rate": 0.4, "index": 280.0, "index_low": 200.0, "index_high": 400.0},
    ]
    metrics = {"lift_at_10": 2.0, "lift_at_10_low": 1.5, "lift_at_10_high": 2.5}
    card = {"profiles": [], "metrics": metrics, "drivers": [{"label": "Lead Source", "groups": groups}]}
    note = summarise(card, []).people_note
    assert "Lead Source: many (40\N{NO-BREAK SPACE}% of 67 became best customers)" in note
    assert "odd" not in note


def test_each_profile_has_its_brief_with_what_is_not_delivered_marked():
    page = page_of("full")
    for number in (1, 2, 3):
        card = page.split(f'id="profile-{number}"')[1].split("</article>")[0]
        assert card.count("Ask for the data team.") == 1
        assert "They may fear lock-in. <strong>Hypothesis</strong>" in card
        assert "Their size. <strong>Not delivered</strong>" in card
        assert "214 accounts that nobody worked are nearest to this profile, of these:" in card
        assert "What they are not" in card
        assert "+0.41 in log-odds" in card
        assert "against all eligible accounts (4,890)" in card
    assert "All best customers together" in page
    assert "Typical examples" not in page


def test_examples_stand_on_the_page_only_when_given():
    rows = [{"profile_id": "P2", "rank": 1, "account_id": "A-<7>", "typicality": 0.9, "traits": "Industry: Steel"}]
    page = build_report(CARDS["full"](), examples=rows)
    card = page.split('id="profile-2"')[1].split("</article>")[0]
    assert "A-&lt;7&gt;" in card
    assert page.count("Typical examples") == 1


def test_a_card_of_an_earlier_version_has_no_brief():
    card = CARDS["full"]()
    del card["briefs"]
    page = build_report(card)
    assert "What may be said of them" not in page
    assert "All best customers together" not in page


def test_leaks_have_a_section_of_their_own_and_are_no_data_problems():
    card = CARDS["full"]() | {"quarantined": ["contract_signed"], "brought_back": ["old_score"]}
    page = build_report(card, FINDINGS)
    leakage = page.split('<section id="leakage"')[1].split("</section>")[0]
    problems = page.split('<section id="findings"')[1].split("</section>")[0]
    assert "1 column left out: contract_signed." in leakage
    assert "ICP301" in leakage
    assert "ICP301" not in problems
    assert "spoke against it: old_score" in leakage
    assert problems.count("<tr>") == len(FINDINGS)
    assert "2 warnings, 3 notes" in problems


def test_a_clean_audit_is_said_and_an_earlier_card_claims_none():
    assert "No column was left out for it." in build_report(CARDS["full"]() | {"quarantined": []})
    assert "No column was left out for it." not in build_report(CARDS["full"]())


def test_a_column_left_out_is_a_step_in_plain_words_and_other_issues_are_another():
    other = FINDINGS[1] | {"severity": "issue"}
    said = first_screen(build_report(CARDS["full"](), [FINDINGS[0], other]))
    assert "Check 1 column that was left out (contract_signed)." in said
    assert "It looks as if filled in after the outcome was known." in said
    assert "Settle 1 issue in the data (account_id)." in said


def test_the_rate_tested_is_told_from_that_of_all_labelled_accounts():
    card = CARDS["full"]()
    assert "tested" not in first_screen(build_report(card))
    card["metrics"]["base_rate"] = 0.085
    assert card["data"]["base_rate"] != 0.085
    said = first_screen(build_report(card))
    assert "against 8.5\N{NO-BREAK SPACE}% of all 1,222 tested" in said
    assert "became best customers, against 1 in 12 of all 1,222 tested." in said
    assert "overall" not in said


def test_messages_that_are_there_are_used_and_not_written():
    card = CARDS["full"]()
    step = next(part for part in re.findall(r">([^<]*messages for[^<]*)<", build_report(card)))
    name = re.search(r"messages for (P\d)", step)[1]
    brief = next(one for one in card["briefs"] if one["profile_id"] == name)
    for status, verb in (("hypothesis", "Write"), ("delivered", "Use your")):
        statistic = brief["facts"][0]["statistic"]
        brief["messages"] = [{"text": "Ask.", "status": status, "why": "", "statistic": statistic, "needs": []}]
        assert f"{verb} messages for {name} first" in first_screen(build_report(card))


def test_the_rate_of_a_profile_stands_beside_that_of_all_accounts():
    card = CARDS["full"]()
    card["data"]["base_rate"] = 0.123
    assert "12\N{NO-BREAK SPACE}% of all accounts with a known outcome became best" in build_report(card)


def test_every_measure_has_its_interval():
    card = CARDS["full"]()
    for name in ("log_loss", "brier"):
        card["metrics"] |= {f"{name}_low": 0.111, f"{name}_high": 0.222}
    assert build_report(card).count("0.111 to 0.222") == 2


def test_where_no_groups_were_found_none_are_said_to_be_there_or_not():
    card = CARDS["full"]() | {"profiles": [], "briefs": []}
    card["data"]["n_best"] = 77
    page = build_report(card)
    assert "Among the 77 best customers no groups were found that come back" in page
    assert "does not prove that there are none" in page


def test_without_amounts_no_mean_value_is_shown():
    assert "Mean value" in page_of("full")
    card = CARDS["full"]()
    for profile in card["profiles"]:
        profile["value"] = None
    assert "Mean value" not in build_report(card)


def test_a_claim_shows_the_shares_counts_and_index_it_rests_on():
    statistic = CARDS["full"]()["briefs"][1]["facts"][0]["statistic"]
    card = page_of("full").split('id="profile-1"')[1].split("</article>")[0]
    facts = card.split("What may be said of them")[1].split("What they are not")[0]
    assert f"{statistic['label']}: {statistic['group']} <small>62\N{NO-BREAK SPACE}% of them" in facts
    assert f"({statistic['n']} of {statistic['n_best']} against {statistic['base_n']} of 4,890; index 344" in facts
    assert "odds 1.5 times those of the average account" in card
