"""Write what requests to the planner name, as the edge finds it: FOLDER/names/LANGUAGE.json.

    python scripts/make_request_names.py [tests/data/requests]

The edge sends these names with a request, and the planner must not need the edge to be measured.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from banksman_cloud.bench.cases import Cases, read_cases
from banksman_edge.plans import named_things
from banksman_edge.understanding import Pipeline

REQUESTS = Path(__file__).parents[1] / "tests" / "data" / "requests"


def names(cases: Cases) -> dict[str, dict[str, list[object]]]:
    """By language and request."""
    readers = {site: Pipeline(scene.site) for site, scene in cases.scenes.items()}
    found: dict[str, dict[str, list[object]]] = {}
    for case in cases.cases:
        heard = readers[case.site].sentence(case.request, case.language).mentions
        things = named_things(cases.scene(case).site, heard)
        found.setdefault(case.language, {})[case.id] = [
            thing.model_dump(mode="json", exclude_defaults=True) for thing in things
        ]
    return found


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS
    (folder / "names").mkdir(exist_ok=True)
    for language, rows in names(read_cases(folder)).items():
        lines = (f"{json.dumps(key)}: {json.dumps(row, ensure_ascii=False)}" for key, row in rows.items())
        (folder / "names" / f"{language}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
