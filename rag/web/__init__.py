"""The web app: the pages and the API in one process, and what guards them both."""
