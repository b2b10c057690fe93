"""Makes more of what the document allows reach the operations: a cursor and a version are words
of the server, which a generator cannot guess, so most requests that should be good go without.
"""
import random

import schemathesis
from schemathesis import GenerationMode

GUESSES = (("query", "after"), ("query", "revision"), ("headers", "If-Match"),
           ("headers", "If-None-Match"), ("body", "revision"))


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    for part, name in GUESSES:
        values = getattr(case, part)
        if hasattr(values, "pop") and name in values and random.random() < 0.8:
            values.pop(name)
