"""The door for programs: HTTP under `/api/v1`, and the same library behind OpenAI's protocol."""
