"""The other sides, in the box: what stands behind us and who trades with us, as `make run` and the tests play them.

They speak to the gateway through its real doors and know no more than their originals would. On demand they misbehave.
"""
