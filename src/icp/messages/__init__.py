"""What to say to whom, and on what evidence: message briefs, and a company's own messages bound to statistics.

A claim on a brief is a sentence around one stored statistic (trait, group, index with interval, counts, base, date);
when the statistic is no longer distinctive, the claim is not made. A company's own messages come from a file
(:func:`read_library`) keyed by profile, trait and group. :func:`bind` ties each to its statistic: one whose evidence is
gone is told and not delivered, and a motive that no field stands behind is a hypothesis, which a brief shows as such
and no account is given. What is left is a :class:`MessageBook`: plain data that gives an account the strongest message
that its own traits support.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
