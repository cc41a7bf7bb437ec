"""`python -m tests.mutants`: changes one comparison, sum, constant or condition at a time, and runs
the tests that reach it: what changes and is not noticed wants a test.

A seeded sample of the engine, the store, the readers, requests and voice. Each mutant stands alone
in a copy of the tree. `build/mutants` keeps what was tried, so that the next run goes on where this
one was stopped, and which test reaches which function. Survivors are printed; those that change no
answer are listed in equivalent.toml with why.
"""
