"""How well a language model, and the planner behind it, do what written requests ask for."""
