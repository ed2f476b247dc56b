"""What Streamlit's own elements cannot draw safely or well, as v2 components that build their DOM node by node."""
