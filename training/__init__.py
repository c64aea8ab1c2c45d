"""The recipes of the bundled models. Nothing in `service` imports them."""
