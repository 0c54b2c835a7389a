"""What the gateway costs beside its peers, measured in the same run: `make bench`.

A benchmark is a module with `title` and `run(scale)`, which yields tables; its contestants are functions in
`contestants.py`, each run in a process of its own. Documents are made on the fly (`orders.py`), the same every time.
"""
