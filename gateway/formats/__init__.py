"""Bytes to segments and back: one package per syntax, pure, knowing nothing of guides and maps.

`known` has a line for each syntax, and reads whichever comes. What all of them share stands beside them: `reading`
finds where an interchange begins, `events` is what they yield, `writing` what every writer does.

To add a syntax, write a package with a `Family` (`reading`), a reader whose events are those of `events`, and a writer;
segments are `gateway.formats.segment.Segment`. Then add its line to `known`.
"""
