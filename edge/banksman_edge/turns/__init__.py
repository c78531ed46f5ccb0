"""Turns: what somebody said, from its first word to the end of all that it set going, and what is answered to it."""
