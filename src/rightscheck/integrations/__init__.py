"""Adapters for engines and frameworks, one small file each; each needs the extra of its name."""
