"""The only room that sees both sides. Each of its rooms may use those below it:

- `work`: who does it when; a worker's hands on arrivals, documents and the outbox, and what watches over them
- `outbound`: what our systems hand over, on its way to a partner
- `inbound`: what partners send, as it is read, written down, answered and told anew
- `translation`: one document between bytes and business object, under one adopted set-up; pure

To follow a document, read `work.registrar` (an arrival is read), `inbound.release` (its interchanges become documents
and acknowledgments), `work.deliver` (documents reach the ERP, the outbox reaches partners) and `work.worker` (who does
it when); then `inbound.precedence` (which of several documents of one key stands), `inbound.correction` (a replay
changes what was told) and `work.dispatcher` (an object of ours finds its partner).
"""
