"""The agent: its parts put together, and the way of an utterance through them."""
