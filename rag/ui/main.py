"""The script that Streamlit runs for every browser session: it opens the page that the address names."""

from rag.ui import shell

shell.run()
