"""Grammar: segments to a tree and back, judged by a guide. Standards are data, loaded and compiled here.

To add a document type, put its YAML under `x12/<version>/` or `edifact/<directory>/`; to add a version, a folder. No
Python changes.
"""
