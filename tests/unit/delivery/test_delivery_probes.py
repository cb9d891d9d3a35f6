"""Each probe that real importers were seen to refuse or corrupt has its test: the table says which."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NUMBER = "test_a_number_that_importers_read_otherwise_is_refused"
VALUE = "test_a_value_that_importers_refuse_or_mistake_is_refused"
TEXT = "test_a_text_that_importers_change_is_refused_before_a_file_exists"
ALTERED = "test_a_file_that_was_saved_again_is_seen"

PROBES = {
    "decimal comma": ("cells", NUMBER, "a decimal comma"),
    "three decimals": ("cells", NUMBER, "three decimals"),
    "six figures in a field of five": ("cells", NUMBER, "a number too long"),
    "nan": ("cells", NUMBER, "not a number"),
    "inf": ("cells", NUMBER, "infinite"),
    "the word for empty of Salesforce": ("cells", NUMBER, "a word for empty"),
    "the same in another file": ("cells", "test_the_token_of_salesforce_stands_in_no_other_file", ""),
    "empty number stored as zero": ("cells", "test_suitecrm_gets_no_empty_number_but_files_without_the_column", ""),
    "empty cell ignored, the old score lives on": (
        "cells", "test_salesforce_clears_every_empty_cell_with_its_token", ""),
    "blank does not clear": (
        "cells", "test_where_an_empty_cell_keeps_the_old_value_texts_say_none_and_the_rest_is_reported", ""),
    "apostrophe before a number": ("cells", NUMBER, "an apostrophe"),
    "negative number": ("cells", "test_a_negative_change_is_a_number_and_has_no_apostrophe", ""),
    "grade there is not": ("cells", VALUE, "a grade there is not"),
    "grade in small letters": ("cells", VALUE, "a grade in small letters"),
    "date by day": ("cells", VALUE, "a date by day"),
    "date with a time, shifted by a zone": ("cells", VALUE, "a date with a time"),
    "boolean": ("cells", VALUE, "a boolean"),
    "field of a kind importers disagree on": ("cells", "test_no_field_is_a_boolean_a_time_or_a_percentage", ""),
    "300 characters": ("cells", TEXT, "300 characters"),
    "text cut by bytes": ("cells", TEXT, "255 letters of two bytes"),
    "mark-up stripped": ("cells", TEXT, "mark-up"),
    "leading tab": ("cells", TEXT, "a tab before"),
    "leading blanks": ("cells", TEXT, "blanks before"),
    "line break": ("cells", TEXT, "a line break"),
    "emoji": ("cells", TEXT, "an emoji"),
    "quote": ("cells", TEXT, "a quote"),
    "pipe": ("cells", TEXT, "a pipe"),
    "formula": ("cells", TEXT, "a formula"),
    "blank line ends the file": ("cells", "test_a_file_for_a_crm_is_plain_utf8_without_blank_lines", ""),
    "unknown key creates a nameless account": (
        "keys", "test_rows_that_are_not_in_the_crm_go_to_a_file_of_their_own", ""),
    "empty key, and keys rewritten by a spreadsheet": (
        "", "test_a_key_an_importer_could_take_for_something_else_is_refused", ""),
    "digits taken for a database id": ("keys", "test_digits_are_refused_and_the_message_names_both_ways_out", ""),
    "key in other letter case": ("", "test_keys_that_differ_by_capitals_only_are_refused", ""),
    "15 and 18 characters of one record": ("keys", "test_the_same_record_in_two_spellings_is_refused", ""),
    "capitals of an id lost": ("keys", "test_lost_capitals_come_back_and_a_single_wrong_letter_is_seen", ""),
    "byte-order mark, other bytes, other separator": ("targets", ALTERED, ""),
    "faults of a read-back": ("reconcile", "test_each_fault_is_found_by_its_name", ""),
    "ampersand stored as HTML": ("reconcile", "test_an_ampersand_kept_as_html_is_named_and_no_difference", ""),
    "load stopped midway": ("reconcile", "test_a_load_that_stopped_midway_is_named_with_its_last_account", ""),
    "two records match one key": ("reconcile", "test_two_records_of_one_key_are_named_whichever_was_updated", ""),
    "file too large": ("", "test_no_chunk_is_larger_than_asked", ""),
    "limits of the vendors": ("targets", "test_vendors_limits_are_kept_with_a_margin", ""),
    "header an importer refuses": ("targets", "test_columns_that_importers_refuse_are_refused", ""),
}  # fmt: skip


@pytest.mark.parametrize("probe", PROBES)
def test_a_probe_has_its_test(probe):
    part, name, case = PROBES[probe]
    tree = ast.parse((HERE / f"test_delivery{'_' if part else ''}{part}.py").read_text("utf-8"))
    assert name in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    if case:
        keys = {key.value for one in ast.walk(tree) if isinstance(one, ast.Dict) for key in one.keys
                if isinstance(key, ast.Constant)}  # fmt: skip
        assert case in keys
