"""Invented names of companies, places and people, put together from syllables; web addresses end in ``.example``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from icp.simulation._draws import Codes, Draws

__all__ = ["company_names", "people_names", "place_names", "websites"]

Words = NDArray[np.object_]

_FIRST = (
    "Ald Bel Bran Cal Cor Dal Dor Eld Fal Fen Gal Gor Hal Hem Ister Jor Kal Kes Lam Lor Mar Mer Nal Nor Olv Ost "
    "Pal Per Quil Ran Ros Sal Sten Tal Tor Ulm Val Ver Wal Wen Yel Zan"
)
_SECOND = "a ama ani ara ede eli emi eno era ila imo ina iro oda ola omi ono ora uda ula una uro"
_THIRD = "bek dan dur fex gan gor kan lex lund mar mex nor pex quar rik sen tar tex van vik wen xan zor"
_PLACE_FIRST = (
    "Ahren Birk Brom Dorn Eich Erl Falk Greif Hasel Helm Immen Kirsch Korn Linn Moor Nieder Ober Quell Rauh Reb "
    "Sand Stein Tann Ufer Wald Weid Wies Ziegel Alder Bram"
)
_PLACE_LAST = (
    "ach aubach bergen born bruck dalen dorp feld furt garten hafen haven heim hoven kerke lingen marsch mere minster "
    "mont munde ried rode sted stock thal tofte vallen vik wick"
)
_GIVEN = "Ada Bela Caro Dario Edda Falk Gila Henno Ilka Jaro Kira Linus Mara Nilo Oda Pavo Runa Silas Tilda Vito"
_FAMILY = "Ambrel Birkan Corvin Dastel Ellmar Ferrow Gandel Hestor Ilvane Jostin Kelmar Lorrin Mastel Norvin"
_ENDINGS = {
    "Germany": "GmbH AG KG",
    "Austria": "GmbH AG OG",
    "Switzerland": "AG GmbH SA",
    "France": "SARL SAS SA",
    "Netherlands": "BV NV VOF",
    "Belgium": "BV NV SRL",
    "Italy": "Srl SpA Snc",
    "Spain": "SL SA SLL",
}

_FIELDS: tuple[tuple[str, ...], ...] = (
    ("Software", "Systems", "Digital"),
    ("Works", "Machines", "Parts"),
    ("Stores", "Trading", "Home"),
    ("Freight", "Cargo", "Transport"),
    ("Care", "Clinics", "Medical"),
    ("Building", "Timber", "Civil"),
    ("Capital", "Insurance", "Credit"),
    ("Advisory", "Partners", "Consult"),
    ("Academy", "Learning", "Schools"),
    ("Hotels", "Kitchens", "Resorts"),
    ("Energy", "Power", "Grid"),
    ("Foods", "Dairy", "Brewing"),
    ("Media", "Press", "Studios"),
    ("Services", "Utilities", "Works"),
)


def company_names(draws: Draws, industry: Codes, country: Words) -> tuple[Words, Words]:
    """Invented company names that fit their industry.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    industry : ndarray of int64, shape (n,)
        Code of the industry.
    country : ndarray of object, shape (n,)
        Name of the country, for the legal form.

    Returns
    -------
    tuple of ndarray of object, shape (n,)
        The stem, different for all of the first 20,000 companies, and the whole name.
    """
    n = len(industry)
    stems = np.array([a + b + c for a in _FIRST.split() for b in _SECOND.split() for c in _THIRD.split()], dtype=object)
    stems = stems[draws.order(len(stems))]
    stem = stems[np.arange(n) % len(stems)]
    fields = np.array(_FIELDS, dtype=object)
    field = fields[industry % len(fields), draws.pick([1, 1, 1], n)]
    forms = np.array([_ENDINGS[name].split() for name in country], dtype=object)
    ending = forms[np.arange(n), draws.pick([7, 2, 1], n)]
    return stem, stem + " " + field + " " + ending


def place_names(draws: Draws, n: int) -> Words:
    """Invented towns, about a thousand of them.

    Parameters
    ----------
    draws : Draws
        Source of randomness.
    n : int
        How many to draw.

    Returns
    -------
    ndarray of object, shape (n,)
    """
    towns = np.array([a + b for a in _PLACE_FIRST.split() for b in _PLACE_LAST.split()], dtype=object)
    return towns[(draws.uniform(n) * len(towns)).astype(np.int64)]


def people_names(n: int) -> Words:
    """Invented people, all different up to 280.

    Parameters
    ----------
    n : int
        How many.

    Returns
    -------
    ndarray of object, shape (n,)
    """
    given, family = _GIVEN.split(), _FAMILY.split()
    people = [f"{given[i % len(given)]} {family[(i + i // len(given)) % len(family)]}" for i in range(n)]
    return np.array(people, dtype=object)


def websites(stem: Words) -> Words:
    """Web addresses under the reserved ending ``.example``.

    Parameters
    ----------
    stem : ndarray of object, shape (n,)
        Stems of the company names.

    Returns
    -------
    ndarray of object, shape (n,)
    """
    return np.array([f"{word.lower()}.example" for word in stem], dtype=object)
