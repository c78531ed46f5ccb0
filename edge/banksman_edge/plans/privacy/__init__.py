"""What of a request may leave the site, and the names that stand for the site's own while it is away."""
