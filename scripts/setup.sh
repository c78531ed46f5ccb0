#!/bin/sh
# Finds a Python that can carry the project and hands over to setup.py. PYTHON=... names one.
set -eu
case "$0" in */*) cd "${0%/*}/.." ;; esac

suits='import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
for python in ${PYTHON:-python3 python3.12 python3.13 python3.11}; do
    if "$python" -c "$suits" >/dev/null 2>&1; then
        exec "$python" scripts/setup.py
    fi
done

echo "setup: no Python 3.11, 3.12 or 3.13 with its venv module among: ${PYTHON:-python3 python3.12 python3.13 python3.11}." >&2
echo "setup: install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name one: make setup PYTHON=python3.12" >&2
exit 1
