"""The messages of VDA 5050 as one internal model, whatever version is spoken on the wire.

Names are those of 2.1.0; what came with 3.0 is added, optional, under its own name. Attributes are in snake case.
Lengths are metres, angles radians, speeds m/s, masses kg, charges per cent. ``Codec`` writes and reads a message
in one version: it renames, and drops what that version cannot carry.
"""
