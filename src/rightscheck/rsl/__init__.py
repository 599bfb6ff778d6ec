"""RSL 1.0 (Really Simple Licensing): the documents, and what they mean for one page and request."""

from __future__ import annotations

from rightscheck.rsl.document import NAMESPACE, Content, RslDocument, read_rsl, read_rsl_element
from rightscheck.rsl.terms import Offer, Term, weigh

__all__ = ["NAMESPACE", "Content", "Offer", "RslDocument", "Term", "read_rsl", "read_rsl_element", "weigh"]
