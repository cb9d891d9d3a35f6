"""A scored list as files that a CRM takes as they are meant.

Everything a target needs (headers, types, lengths, empty cells, chunk sizes, mapping, field definitions, manifest, data
package, steps) comes from one :class:`Target`, so nothing can drift; vendors' limits stand in one data file,
``targets.json``, each with source and date. A cell or key that breaks a rule is refused before a file exists, all at
once; nothing is escaped or repaired. The same scores give the same bytes, so a list is safe to load twice.

How to use it: ``plan = plan_list(ids, options)`` settles columns and keys (``plan.target`` is the object with
``fields``, ``headers``, ``key``, ``message_used``, ``empty``, ``limits``; ``plan.rule.keys(ids)`` gives the keys), then
``deliver(parts, plan, folder, ...)`` writes. ``read_list(folder)`` gives back the rows under canonical names, empty
cells as nulls, from what the manifest says alone; ``check_load(folder)`` says whether the files are still those that
were written and may be loaded. ``target(name)`` and ``shaped(options)`` are the same object without keys.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
