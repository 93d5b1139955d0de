"""A page to look things up: its source, its built files, and how they are served."""
