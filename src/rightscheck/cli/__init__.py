"""The command line: one file per command, arguments in, bytes and an exit code out."""
