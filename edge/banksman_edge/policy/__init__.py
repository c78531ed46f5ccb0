"""Whether what was understood is done, confirmed, asked about or rejected: by confidence, risk and the site's rules."""
