"""`python -m rag`, for where the `pullquote` script is not on the path."""

from rag.cli import main

if __name__ == "__main__":
    main()
