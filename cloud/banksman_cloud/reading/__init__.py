"""Reading requests for plans with a small model that was taught this work: tags in, one line of goals out."""
