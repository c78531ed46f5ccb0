"""Pictures of runs."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from sim_world import action, instantly, order

from banksman_firmware_sim import Fault, FaultKind, RunOptions, Scenario
from banksman_firmware_sim.drawing import draw_run
from banksman_firmware_sim.run_record import LONGEST_TRACK, Doing, Recorder, Spot, _extend
from banksman_shared.site import Site

SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314  we have just written it


def recorded(site: Site) -> tuple[Recorder, Scenario]:
    """The lift picks at C, is paused on its way to D, and loses its network once; the tug stays."""
    recorder = Recorder()
    run = Scenario.from_site(site, RunOptions(watcher=recorder))
    address = site.vehicles["lift"].address
    run.send_at(5, "lift", order("ABCD", at={"C": [action("pick", "p")]}, address=address))
    run.send_at(22, "lift", instantly("startPause", address=address))
    run.send_at(40, "lift", instantly("stopPause", address=address))
    run.advance(45)
    run.inject("lift", Fault(FaultKind.NETWORK_AWAY, seconds=10))
    run.advance(55)
    return recorder, run


def test_a_recorder_knows_where_vehicles_went_and_what_they_did(yard: Site) -> None:
    recorder, _ = recorded(yard)
    lift, tug = recorder.stories["lift"], recorder.stories["tug"]
    assert [doing for _, doing in tug.doings] == [Doing.RESTING]
    doings = [doing for _, doing in lift.doings]
    assert doings[0] is Doing.RESTING
    assert set(doings) == set(Doing)
    assert len(tug.track) == 1
    assert (lift.track[0].x, lift.track[0].y) == (0.0, 0.0)
    assert (lift.track[-1].x, lift.track[-1].y) == (20.0, 5.0)
    assert [incident.kind for incident in lift.incidents] == [FaultKind.NETWORK_AWAY]
    assert len(lift.stops) >= 2


def test_a_picture_shows_it_all(yard: Site) -> None:
    recorder, run = recorded(yard)
    root = parsed(draw_run(yard, recorder.stories, run.seconds))
    titles = [element.text or "" for element in root.iter(f"{SVG}title")]
    texts = [element.text or "" for element in root.iter(f"{SVG}text")]
    tracks = list(root.iter(f"{SVG}polyline"))
    assert len(tracks) == 2
    assert len({track.get("stroke") for track in tracks}) == 2
    assert any(title.startswith("network-away: lift, 0:45") for title in titles)
    assert any(title.startswith("lift stopped at ") for title in titles)
    assert any(title.startswith("lift paused ") for title in titles)
    assert "Yard: 2 vehicles, 1:40" in texts
    assert {"lift", "tug", "corner", "N network-away", "1:40"} <= set(texts)


def test_a_picture_of_many_vehicles_and_of_none_can_be_drawn(site: Site) -> None:
    recorder = Recorder()
    run = Scenario.from_site(site, RunOptions(watcher=recorder), vehicles=100)
    run.advance(2)
    root = parsed(draw_run(site, recorder.stories, run.seconds))
    assert len(list(root.iter(f"{SVG}polyline"))) == 100
    assert parsed(draw_run(site, {}, 0.0)).get("viewBox")


def test_a_long_track_is_thinned() -> None:
    track: list[Spot] = []
    for metre in range(3 * LONGEST_TRACK):
        _extend(track, Spot(float(metre), float(metre), 0.0, "floor"))
    assert len(track) <= LONGEST_TRACK
    assert (track[0].x, track[-1].x) == (0.0, 3 * LONGEST_TRACK - 1)
