"""Reading: the routes that answer questions, each with a reader that the guard hands out."""
