"""What a score is worth on accounts it never saw: splits, ranking, calibration, intervals.

A score is judged on later rows where there is time, and in folds where there is none, and the split says which. Every
figure has an interval, ties count with their expected value, and "no better than chance" is a legal answer.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
