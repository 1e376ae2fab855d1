"""The sampling-rate study: does a network read worse at 500 Hz, or only see less of the beat there.

The sampling-rate study of Mahmuod et al., arXiv 2604.16437, repeated with its two networks, and
with the receptive field held constant in seconds.
"""
