"""A site with very many vehicles."""

from __future__ import annotations

from dataclasses import replace

from banksman_shared.site import Site


def with_vehicles(site: Site, count: int) -> Site:
    """The site with so many forklifts instead of its vehicles: "carrier0", "carrier1", …"""
    one = site.vehicles["forklift-1"]
    named = [replace(one, id=f"f-{n}", number=None, names={"en": (f"carrier{n}",)}) for n in range(count)]
    vehicles = {each.id: replace(each, address=replace(each.address, serial_number=each.id)) for each in named}
    return replace(site, vehicles=vehicles)
