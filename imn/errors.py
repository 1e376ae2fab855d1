"""The one exception that stands for a user's mistake."""


class InputError(ValueError):
    """Input that cannot be used: says what was expected, what came, what to do.

    The library raises it wherever a file or an option from outside does not
    fit; the command line prints its message as one sentence and exits with 2.
    """
