"""The audit log: what was asked, heard, understood, decided, sent and answered, in a chain of hashes.

``AuditLog`` writes it, ``AuditTrail`` tells it what happens, :mod:`reading` and :mod:`verifying` read it.
"""

from banksman_edge.audit.errors import AuditError
from banksman_edge.audit.lesson_files import Lesson, lessons
from banksman_edge.audit.log import AuditLog
from banksman_edge.audit.reading import Selection, audit_dir, read_records
from banksman_edge.audit.record import Record
from banksman_edge.audit.record_text import printable, sentence
from banksman_edge.audit.recorder import AuditTrail, about_agent
from banksman_edge.audit.verification import Verified, verify

__all__ = [
    "AuditError",
    "AuditLog",
    "AuditTrail",
    "Lesson",
    "Record",
    "Selection",
    "Verified",
    "about_agent",
    "audit_dir",
    "lessons",
    "printable",
    "read_records",
    "sentence",
    "verify",
]
