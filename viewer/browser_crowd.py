"""Many visitors at once over Streamlit's own web socket: the same work for the server, and no browsers."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

PATIENCE_S = 120.0
SUBPROTOCOLS: Any = ["streamlit"]
LARGE = 1_000_000
"""A message longer than this carries a payload."""


def visit(url: str, users: int) -> int:
    """Open the page as so many visitors at once, each asking for one rerun; then all leave.

    Parameters
    ----------
    url : str
        Of the page.
    users : int

    Returns
    -------
    int
        Visitors who did not get a whole page twice.
    """

    async def everybody() -> int:
        done = await asyncio.gather(*(_visit(url) for _ in range(users)), return_exceptions=True)
        return sum(1 for outcome in done if outcome is not True)

    return asyncio.run(everybody())


async def _visit(url: str) -> bool:
    from websockets.asyncio.client import connect

    address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    async with connect(address, max_size=2**28, proxy=None, subprotocols=SUBPROTOCOLS) as connection:
        seen = []
        for _ in range(2):
            await connection.send(_rerun())
            seen.append(await asyncio.wait_for(_whole_run(connection), PATIENCE_S))
        return all(seen)


def _rerun() -> bytes:
    from streamlit.proto.BackMsg_pb2 import BackMsg

    message = BackMsg()
    message.rerun_script.query_string = ""
    return message.SerializeToString()


async def _whole_run(connection: Any) -> bool:
    """Read until the script is over; tell whether it went well and something large came."""
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    large, well = False, True
    while True:
        content = await connection.recv()
        message = ForwardMsg()
        message.ParseFromString(content)
        large = large or len(content) > LARGE or message.WhichOneof("type") == "ref_hash"
        if (
            message.WhichOneof("type") == "delta"
            and message.delta.new_element.WhichOneof("type") == "exception"
        ):
            well = False
        if message.WhichOneof("type") == "script_finished":
            return well and large and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
