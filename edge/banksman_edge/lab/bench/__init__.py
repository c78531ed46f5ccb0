"""Measurements of the ears: how fast, how right, and how deaf to talk (``banksman bench``)."""
