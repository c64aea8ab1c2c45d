"""The HTTP API: thin routes over one open library."""
