"""The browser door: a Streamlit app over `rag.service`."""
