"""The door for assistants: the Model Context Protocol on stdin and stdout."""
