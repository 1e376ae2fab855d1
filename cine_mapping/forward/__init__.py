"""Forward model on the volume: from a condition of the heart muscle to the twelve leads, with its truth."""
