"""Rights metadata inside image and document files."""
