"""One module per command group; `register(cli)` of each adds its commands."""
