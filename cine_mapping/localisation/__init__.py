"""How near a map comes to the truth, against what a map without knowledge would reach."""
