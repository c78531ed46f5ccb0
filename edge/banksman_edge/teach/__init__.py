"""Teaching models what is said on a site (``banksman teach``). torch and speech synthesis are an extra, ``teach``."""
