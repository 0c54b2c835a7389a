"""Bytes to segments and back: one module or package per syntax, pure, knowing nothing of guides and maps.

To add a syntax, write a module with `read` and a writer, yielding `gateway.formats.segment.Segment`, and add its
line where formats are listed.
"""
