"""Company names and domains as they are compared: what says the same is made the same."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["COMMON", "company_domain", "company_name", "name_words"]

COMMON = 300
"""Most accounts that share a word for the word to bring candidates; commoner words say nothing."""

_LEGAL = frozenset((
    "ab", "ag", "aps", "as", "bv", "co", "company", "corp", "corporation", "doo", "eg", "ek", "gbr", "gesmbh",
    "gmbh", "inc", "incorporated", "kft", "kg", "kgaa", "lda", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh",
    "nv", "ohg", "oy", "oyj", "plc", "pte", "pty", "pvt", "sa", "sarl", "sas", "sasu", "se", "sl", "spa", "srl",
    "sro", "spzoo", "ug", "zrt",
))  # fmt: skip
_MAIL = frozenset((
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com",
    "me.com", "aol.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "freenet.de", "mail.com", "mail.ru",
    "qq.com", "163.com", "proton.me", "protonmail.com", "yandex.ru", "orange.fr", "free.fr", "laposte.net",
    "libero.it",
))  # fmt: skip
_LETTERS = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "&": " and ", "+": " and "}
_INITIALS = re.compile(r"\b(?:\w\.){2,}")
_DOMAIN = re.compile(r"^(?:[a-z0-9-]+\.)+[a-z]{2,}$")


def company_name(text: str) -> str:
    """A name without capitals, accents, marks and legal form.

    Parameters
    ----------
    text : str
        As somebody wrote it.

    Returns
    -------
    str
        Words with single blanks; empty where nothing is left. A name that is nothing but a legal form keeps it.

    Examples
    --------
    >>> company_name("Müller & Söhne G.m.b.H. & Co. KG")
    'muller and sohne'
    >>> company_name("The A.B.C. Company, Inc.")
    'abc'
    """
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), text.casefold())
    for letter, plain in _LETTERS.items():
        text = text.replace(letter, plain)
    text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    words = re.sub(r"[^\w]+", " ", text.replace("'", "").replace("’", "")).split()
    kept = words[1:] if len(words) > 1 and words[0] == "the" else list(words)
    while len(kept) > 1 and (kept[-1] in _LEGAL or kept[-1] == "and"):
        kept.pop()
    return " ".join(kept)


def company_domain(text: str) -> str:
    """The domain in an address of a page or of mail.

    Parameters
    ----------
    text : str
        Such as ``https://www.example.com/contact`` or ``ann@example.com``.

    Returns
    -------
    str
        Lower case, without ``www.``; empty for none and for providers of mail, which say nothing of the company.

    Examples
    --------
    >>> [company_domain(text) for text in ("HTTPS://www.Example.com/a?b", "ann@mail.example.co.uk", "ann@gmail.com")]
    ['example.com', 'mail.example.co.uk', '']
    """
    text = re.sub(r"^[a-z]+://", "", text.strip().casefold())
    text = re.split(r"[/?#:]", text.rpartition("@")[2])[0].removeprefix("www.").rstrip(".")
    return text if _DOMAIN.fullmatch(text) and text not in _MAIL else ""


def name_words(name: str) -> list[str]:
    """What brings names together: their words, and how they begin and end without blanks.

    Parameters
    ----------
    name : str
        From :func:`company_name`.

    Returns
    -------
    list of str
        Each once.

    Examples
    --------
    >>> name_words("acme tools")
    ['acme', 'tools', '^acme', 'ools$']
    """
    together = name.replace(" ", "")
    return list(dict.fromkeys([*name.split(), f"^{together[:4]}", f"{together[-4:]}$"])) if name else []
