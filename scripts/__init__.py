"""What users and maintainers run: `python scripts/NAME.py`."""
