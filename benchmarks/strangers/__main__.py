"""See the package."""

from benchmarks.strangers import texts

if __name__ == "__main__":
    texts.main()
