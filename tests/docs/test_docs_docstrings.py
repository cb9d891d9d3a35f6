"""Every public docstring is complete, in numpydoc form, and its examples run."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import sys
from typing import Protocol

import pytest
from numpydoc.validate import validate

import icp

# GL08 no docstring, GL06/GL07 unknown or misplaced section, SS0x the summary line, PR0x the parameters and the code
# disagree, RT01/RT03 what is returned, YD01 what is yielded. Questions of style are ruff's business (family D).
ERRORS = {
    "GL06",
    "GL07",
    "GL08",
    "GL09",
    "SS01",
    "SS02",
    "PR01",
    "PR02",
    "PR03",
    "PR04",
    "PR06",
    "PR07",
    "PR08",
    "PR10",
}
ERRORS |= {"RT01", "RT03", "YD01"}


def public_modules() -> list[str]:
    names = (module.name for module in pkgutil.walk_packages(icp.__path__, "icp."))
    return sorted(name for name in names if not any(part.startswith("_") for part in name.split(".")))


def public_names() -> list[str]:
    """Every function, class and method that ``__all__`` of a public module reaches, under its full name."""
    found: set[str] = set()
    for module in map(importlib.import_module, public_modules()):
        for name in module.__all__:
            thing = getattr(module, name)
            if not (inspect.isclass(thing) or inspect.isfunction(thing)) or not thing.__module__.startswith("icp"):
                continue
            full = f"{thing.__module__}.{thing.__qualname__}"
            found.add(full)
            if inspect.isclass(thing):
                found |= {f"{full}.{member}" for member in members(thing)}
    return sorted(found)


def members(cls: type) -> list[str]:
    """Public methods and properties that the class, or a class of ours that it builds on, defines."""
    kinds = (classmethod, staticmethod, property)
    ours = [base for base in cls.__mro__ if base.__module__.startswith("icp")]
    return [
        name
        for base in ours
        for name, member in vars(base).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, kinds))
    ]


def test_the_public_interface_is_found():
    names = public_names()
    assert len(names) > 150
    assert "icp.model._model.IdealCustomerModel.score_accounts" in names


@pytest.mark.parametrize("name", public_names())
def test_a_public_docstring_is_complete(name):
    wrong = [f"{code} {text}" for code, text in validate(name)["errors"] if code in ERRORS]
    if takes_its_arguments_from_its_parent(name):
        wrong = [text for text in wrong if not text.startswith("PR01")]
    assert wrong == []


def takes_its_arguments_from_its_parent(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    thing = getattr(importlib.import_module(module), attribute, None) if module in sys.modules else None
    return inspect.isclass(thing) and (Protocol in thing.__mro__ or "__init__" not in vars(thing))


def test_an_incomplete_docstring_is_found(tmp_path, monkeypatch):
    text = 'def lift(rate, base):\n    """Rate over base."""\n    return rate / base\n'
    (tmp_path / "icp_docs_probe.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    found = {code for code, _ in validate("icp_docs_probe.lift")["errors"]}
    assert {"PR01", "RT01"} <= found & ERRORS


def modules_with_code() -> list[str]:
    names = {module.name for module in pkgutil.walk_packages(icp.__path__, "icp.")}
    return sorted(names - {"icp.tracking._scorer"})  # the script that MLflow runs; icp never imports it


@pytest.mark.parametrize("name", ["icp", *modules_with_code()])
def test_the_examples_of_a_module_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(importlib.import_module(name), extraglobs={"icp": icp}, optionflags=doctest.ELLIPSIS)
    assert failed == 0


def test_there_are_examples_to_run():
    finder = doctest.DocTestFinder(exclude_empty=True)
    modules = map(importlib.import_module, modules_with_code())
    examples = [example for module in modules for test in finder.find(module) for example in test.examples]
    assert len(examples) > 50
