"""Survey: a look at inputs before the first run, and the settings file that comes of it."""
