"""A picture of a site: roads, places, chargers and homes, as SVG."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from banksman_shared.site.model import Edge, Layout, Node, Place, Site

FONT = 13.0
_MARGIN = 96.0
_HEADER = 64.0
_FOOTER = 56.0
_LEAST_WIDTH = 720.0
_ROAD, _ROAD_LINE, INK, QUIET = "#dfe4ea", "#93a1b1", "#1d2733", "#667585"
PALETTE = ("#2f6db5", "#8a5a2b", "#c98a00", "#1f6f5c", "#7a4fa3", "#b3474c", "#4d7f1f", "#5b6b7a")
_OTHER = "#b3474c"

Point = tuple[float, float]


def counted(number: int, word: str) -> str:
    """An English count: "1 place", "2 places"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def draw_site(site: Site) -> str:
    """The site as an SVG document. North is up; each map of the layout is a panel, one below the other."""
    picture = SitePicture(site)
    picture.draw()
    return written(picture.svg)


def written(svg: ET.Element) -> str:
    """An SVG document as text."""
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def shape(parent: ET.Element, tag: str, **attributes: object) -> ET.Element:
    """An element inside another; underscores in names of attributes stand for hyphens."""
    exact = ("fill_opacity", "stroke_opacity")
    values = {
        key.replace("_", "-"): f"{value:.1f}" if isinstance(value, float) and key not in exact else str(value)
        for key, value in attributes.items()
    }
    return ET.SubElement(parent, tag, values)


def text(parent: ET.Element, words: str, at: Point, **style: object) -> None:
    """Text inside an element."""
    shape(parent, "text", x=at[0], y=at[1], **style).text = words


def canvas(width: float, height: float) -> ET.Element:
    """An empty picture on white; sizes in pixels."""
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:.0f} {height:.0f}",
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
            "font-family": "'Noto Sans', 'DejaVu Sans', 'Noto Sans CJK SC', sans-serif",
            "font-size": f"{FONT:g}",
        },
    )
    shape(svg, "rect", width=width, height=height, fill="#ffffff")
    return svg


class SitePicture:
    """Collects the elements of one picture; coordinates are pixels with y downwards. ``at``: of each node."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._layout = site.layout
        self._language = site.languages[0]
        self._scale = _scale(site.layout)
        self.at, self._panels, self.width, self.height = _arrange(site.layout, self._scale, self._side_margin())
        self._neighbours = _neighbours(site.layout)
        self._colours = dict(zip(site.place_kinds, PALETTE * (len(site.place_kinds) // 8 + 1), strict=False))
        self.svg = canvas(self.width, self.height)

    def draw(self) -> None:
        """Put all of the site into the picture."""
        self._titles()
        roads = self._group("roads")
        pairs = {(edge.start, edge.end) for edge in self._layout.edges.values()}
        two_way = [edge for edge in self._layout.edges.values() if (edge.end, edge.start) in pairs]
        one_way = [edge for edge in self._layout.edges.values() if (edge.end, edge.start) not in pairs]
        for edge in (*two_way, *one_way):
            self._road(roads, edge)
        for edge in two_way:
            if edge.start < edge.end:
                self._line(roads, edge, stroke=_ROAD_LINE, stroke_width=1.5, stroke_dasharray="5 4")
        for edge in one_way:
            self._line(roads, edge, stroke=_ROAD_LINE, stroke_width=1.5)
            self._arrow(roads, edge)
        self._nodes()
        for place in self._site.places.values():
            self._place(place)
        self._legend()

    # Parts of the picture ---------------------------------------------------------------------------------

    def _side_margin(self) -> float:
        """Room for the longest label beside the outermost node."""
        labels = [self._site.label(thing, self._language) for thing in (*self._site.places, *self._site.vehicles)]
        return max(map(text_width, labels)) + 48

    def _titles(self) -> None:
        group = self._group("titles")
        text(group, self._site.name, (24, 34), fill=INK, font_size=22, font_weight="bold")
        counts = " · ".join(
            counted(len(things), word)
            for things, word in (
                (self._site.vehicles, "vehicle"),
                (self._site.places, "place"),
                (self._layout.nodes, "node"),
                (self._layout.edges, "edge"),
            )
        )
        text(group, counts, (24, 54), fill=QUIET)
        if len(self._panels) > 1:
            for name, top in self._panels.items():
                text(group, name, (24, top + 24), fill=QUIET, font_weight="bold")

    def _road(self, group: ET.Element, edge: Edge) -> None:
        self._line(group, edge, stroke=_ROAD, stroke_width=14, stroke_linecap="round")

    def _line(self, group: ET.Element, edge: Edge, **style: object) -> None:
        (x1, y1), (x2, y2) = self.at[edge.start], self.at[edge.end]
        line = shape(group, "line", x1=x1, y1=y1, x2=x2, y2=y2, **style)
        speed = f", up to {edge.max_speed:g} m/s" if edge.max_speed else ""
        ET.SubElement(line, "title").text = f"{edge.id}: {edge.length:.1f} m{speed}"

    def _arrow(self, group: ET.Element, edge: Edge) -> None:
        (x1, y1), (x2, y2) = self.at[edge.start], self.at[edge.end]
        if (x1, y1) == (x2, y2):
            return
        angle = math.degrees(math.atan2(y2 - y1, x2 - x1))
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        shape(
            group,
            "path",
            d="M-5,-5 L6,0 L-5,5 L-2,0 Z",
            fill=INK,
            transform=f"translate({x:.1f} {y:.1f}) rotate({angle:.1f})",
        )

    def _nodes(self) -> None:
        group = self._group("nodes")
        for node in self._layout.nodes.values():
            x, y = self.at[node.id]
            dot = shape(group, "circle", cx=x, cy=y, r=3, fill=_ROAD_LINE)
            ET.SubElement(dot, "title").text = f"{node.id} ({node.x:g}, {node.y:g}) on {node.map_id}"

    def _place(self, place: Place) -> None:
        group = self._group(f"place-{place.id}")
        x, y = self.at[place.node]
        colour = self._colours.get(place.kind or "", _OTHER)
        shape(group, "circle", cx=x, cy=y, r=9, fill=colour, stroke="#ffffff", stroke_width=2)
        if place.charger:
            shape(group, "path", d=_BOLT, fill="#ffffff", transform=f"translate({x:.1f} {y:.1f})")
        homes = [vehicle.id for vehicle in self._site.vehicles.values() if vehicle.home == place.id]
        if homes:
            shape(group, "path", d=_HOUSE, fill="#ffffff", transform=f"translate({x:.1f} {y:.1f})")
        lines = [self._site.label(place.id, self._language)]
        lines += [self._site.label(vehicle, self._language) for vehicle in homes]
        self._label(group, lines, place.node, colour)

    def _label(self, group: ET.Element, lines: list[str], node: str, colour: str) -> None:
        """Text on the side of the node where no road is, on a pale plate so that it reads on anything."""
        x, y = self.at[node]
        dx, dy = self._free_side(node)
        widths = [text_width(line) for line in lines]
        width, height = max(widths) + 10, len(lines) * (FONT + 4) + 4
        left = x + dx * 14 + (0 if dx > 0.5 else -width if dx < -0.5 else -width / 2)
        top = y + dy * 14 + (0 if dy > 0.5 else -height if dy < -0.5 else -height / 2)
        shape(group, "rect", x=left, y=top, width=width, height=height, rx=4, fill="#ffffff", fill_opacity=0.85)
        for i, line in enumerate(lines):
            at = (left + width / 2, top + (i + 1) * (FONT + 4) - 3)
            style = {"fill": colour, "font_weight": "bold"} if i == 0 else {"fill": INK, "font_size": FONT - 1}
            text(group, line, at, text_anchor="middle", **style)

    def _free_side(self, node: str) -> Point:
        """The unit vector into the widest gap between the roads at a node; east where there is a choice."""
        x, y = self.at[node]
        angles = sorted(
            math.atan2(self.at[other][1] - y, self.at[other][0] - x)
            for other in self._neighbours[node]
            if self.at[other] != (x, y)
        )
        if not angles:
            return 1.0, 0.0
        gaps = [
            (after - before, before) for before, after in zip(angles, [*angles[1:], angles[0] + math.tau], strict=True)
        ]
        middles = [(round(gap, 3), math.cos(start + gap / 2), math.sin(start + gap / 2)) for gap, start in gaps]
        _, dx, dy = max(middles)
        return dx, dy

    def _legend(self) -> None:
        group = self._group("legend")
        x, y = 24.0, self.height - 24
        for colour, path, name in self._legend_entries():
            shape(group, "circle", cx=x + 8, cy=y - 4, r=8, fill=colour)
            if path:
                shape(group, "path", d=path, fill="#ffffff", transform=f"translate({x + 8:.1f} {y - 4:.1f})")
            text(group, name, (x + 22, y), fill=INK)
            x += text_width(name) + 44
        metres = _nice_length(140 / self._scale)
        end = self.width - 24
        shape(group, "path", d=f"M{end - metres * self._scale:.1f},{y - 9} v6 H{end} v-6", fill="none", stroke=INK)
        text(group, f"{metres:g} m", (end, y - 12), text_anchor="end", fill=QUIET)

    def _legend_entries(self) -> Iterable[tuple[str, str, str]]:
        used = {place.kind or "" for place in self._site.places.values()}
        homes = {vehicle.home for vehicle in self._site.vehicles.values()}
        for kind, colour in self._colours.items():
            if kind in used:
                members = [place for place in self._site.places.values() if place.kind == kind]
                icon = (
                    _BOLT if any(p.charger for p in members) else _HOUSE if any(p.id in homes for p in members) else ""
                )
                names = self._site.place_kinds[kind].names.get(self._language)
                yield colour, icon, names[0] if names else kind
        if "" in used:
            yield _OTHER, "", "named place"

    # Elements ---------------------------------------------------------------------------------------------

    def _group(self, name: str) -> ET.Element:
        return ET.SubElement(self.svg, "g", {"id": name})


_BOLT = "M1,-7 L-5,1 L-1,1 L-2,7 L5,-2 L1,-2 Z"
_HOUSE = "M0,-6 L6,0 L4,0 L4,5 L-4,5 L-4,0 L-6,0 Z"


def _scale(layout: Layout) -> float:
    """Pixels per metre: wide enough for a screen, and for the labels of places that lie close together."""
    xs = [node.x for node in layout.nodes.values()]
    typical = statistics.median([e.length for e in layout.edges.values() if e.length > 0] or [1.0])
    return max(1200 / max(max(xs) - min(xs), 10.0), 96 / typical)


def _arrange(layout: Layout, scale: float, side: float) -> tuple[dict[str, Point], dict[str, float], float, float]:
    """Where each node is drawn, where each map's panel begins, and the size of the whole."""
    nodes: list[Node] = list(layout.nodes.values())
    left, top = min(n.x for n in nodes), _HEADER
    roads = (max(n.x for n in nodes) - left) * scale
    side = max(side, (_LEAST_WIDTH - roads) / 2)
    at: dict[str, Point] = {}
    panels: dict[str, float] = {}
    for name in dict.fromkeys(node.map_id for node in nodes):
        here = [node for node in nodes if node.map_id == name]
        north = max(node.y for node in here)
        panels[name] = top
        at |= {n.id: ((n.x - left) * scale + side, (north - n.y) * scale + top + _MARGIN / 2) for n in here}
        top += (north - min(node.y for node in here)) * scale + _MARGIN
    return at, panels, roads + 2 * side, top + _FOOTER


def _neighbours(layout: Layout) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {node: set() for node in layout.nodes}
    for edge in layout.edges.values():
        found[edge.start].add(edge.end)
        found[edge.end].add(edge.start)
    return found


def text_width(text: str) -> float:
    """About how wide the text is; East Asian characters are as wide as they are high."""
    return sum(FONT if ord(char) > 0x2E80 else FONT * 0.6 for char in text)


def _nice_length(metres: float) -> float:
    """The largest of 1, 2, 5, 10, … that is no longer than ``metres``."""
    power = 10.0 ** math.floor(math.log10(metres))
    return max(step * power for step in (1, 2, 5) if step * power <= metres)
