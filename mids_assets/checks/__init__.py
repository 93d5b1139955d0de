"""Asset checks, generated from the model and attached to the assets that they check."""
