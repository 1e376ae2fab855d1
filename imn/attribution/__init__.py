"""How far an explanation can be trusted: attribution methods and the measures that judge them."""
