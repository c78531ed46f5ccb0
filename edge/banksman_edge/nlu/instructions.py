"""What a language model that was never taught this work is told about it: instructions and examples."""

from __future__ import annotations

SYSTEM = (
    "You translate what a worker says into one line for the vehicles of a warehouse. "
    "V1, V2 are vehicles; G1 a group of them; K1 a kind of vehicle; P1, P2 are places. "
    "Lines: 'move WHO to P1' (drive there without a load), 'transport WHO from P1 to P2' (carry a load), "
    "'pick WHO to P1' (take a load there), 'drop WHO to P1' (put a load down there), 'charge WHO', 'park WHO', "
    "'stop WHO', 'resume WHO', 'cancel WHO', 'status WHO' (a question about a vehicle). WHO is what was named, "
    "'all', or 'any' when nobody was named. Two orders in sequence: two lines joined by ' ; '. "
    "'plan': amounts of several loads, deadlines, conditions, keeping something free, clearing a place. "
    "'none': talk that is no order to a vehicle, stories, the past, questions about people, home or weather."
)

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("could you bring V1 over to P1 when you have a second", "move V1 to P1"),
    ("i was at P1 yesterday with my brother", "none"),
    ("V1 would you mind fetching that box out of P1 and getting it across to P2", "transport V1 from P1 to P2"),
    ("we need a pallet brought over to P1", "transport any to P1"),
    ("move seven pallets from P1 to P2 before noon", "plan"),
    ("il faudrait que V1 passe du côté de P1", "move V1 to P1"),
    ("estaría bien que V1 se fuera a cargar ya", "charge V1"),
    ("V1 mag die Ware bei P1 mal abholen", "pick V1 to P1"),
    ("if P1 is full put everything into P2", "plan"),
    ("wie lange hält V1 noch durch", "status V1"),
    ("P1 の 荷物 を P2 まで お願い", "transport any from P1 to P2"),
    ("the driver of K1 was late today", "none"),
    ("V1 马上到 P1 那边看看", "move V1 to P1"),
    ("preciso do V1 em P1", "move V1 to P1"),
    ("V1 get yourself to P1 and after that grab the crate at P2", "move V1 to P1 ; pick V1 to P2"),
    ("nobody goes through P1 until five and empty P2", "plan"),
    ("puoi far arrivare un bancale a P1", "transport any to P1"),
    ("P1 was closed last week", "none"),
    ("V1 P1 पर सामान छोड़ दो", "drop V1 to P1"),
    ("K1 have all had enough for today", "park K1"),
    ("let V1 go on with what it was doing", "resume V1"),
    ("a porta de P1 ficou aberta", "none"),
)
