"""From what evidence shows on the skin to where in the wall it comes from: each mapping planned once, then applied."""
