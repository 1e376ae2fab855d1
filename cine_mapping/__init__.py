"""Evidence onto the heart."""
