"""The web app. `streamlit run app.py`, or better `pullquote serve`, which sets safe defaults from any folder."""

import streamlit as st

from rag.web.app import MIDDLEWARE, SCRIPT, lifespan

# Streamlit finds the app by reading this line, without running it: it must be written out here.
app = st.App(SCRIPT, middleware=MIDDLEWARE, lifespan=lifespan)
