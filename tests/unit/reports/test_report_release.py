"""The release note: what was said, and what was done."""

from icp.reports import release_markdown
from icp.reports._release import release_section


def test_a_reason_marked_wrong_where_the_list_gave_none_is_said_to_be_of_no_trait():
    kept = {"reason": "Industry", "n": 2, "share": 0.2, "share_before": 0.1, "examples": ["Industry: Retail."]}
    none = {"reason": "", "n": 1, "share": None, "share_before": None, "examples": []}
    note = {"model_version": "leads-2", "meeting": {"campaign": "spring"}, "reasons": [kept, none]}
    text = release_markdown(note)
    assert "| No reason on the list | 1 | names no trait |" in text
    page = release_section(note)
    assert "<strong>No reason on the list</strong>, marked 1 time: looked at; it names no trait." in page
    assert "<strong>Industry</strong>, marked 2 times" in page and "in the model no more" not in page + text
