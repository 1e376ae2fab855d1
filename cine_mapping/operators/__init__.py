"""From what evidence shows on the skin to its places in the wall: planned once, then applied."""
