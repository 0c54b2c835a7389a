"""The only room that sees both sides: translate, acknowledge, route, deliver, retry.

To follow a document, read `intake` (an arrival is stored), `receive` (its interchanges become documents and
acknowledgments), `deliver` (documents reach the ERP, the outbox reaches partners) and `worker` (who does it when);
then `precedence` (which of several documents of one key stands) and `correction` (a replay changes what was told).
"""
