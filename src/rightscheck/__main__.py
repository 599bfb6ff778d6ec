"""`python -m rightscheck`."""

from rightscheck.cli.app import main

if __name__ == "__main__":
    main()
