"""Clusters of a network's activations over time."""
