"""How the shipped reference anatomy is made; needs the ``anatomy`` dependency group.

Nothing here is imported at run time.
"""
