"""Who may ask the API for what, and how often: tokens, rate limits, and the guard that applies both."""
