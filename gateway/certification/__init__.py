"""What proves a partner's set-up: its samples read, answered, written again, compared with what is expected.

To certify one thing more, add a function to `laws` (or `opinion`) that gives a `Check`, and its line in `certify`.
"""

from gateway.certification.certificate import Certificate, Check, Difference
from gateway.certification.certify import certify
from gateway.certification.sample import without_document

__all__ = ["Certificate", "Check", "Difference", "certify", "without_document"]
