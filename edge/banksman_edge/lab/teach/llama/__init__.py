"""Teaching a small language model what is said to vehicles: ``banksman teach llama``."""
