"""What belongs to one event loop: its connections, the slots per host, the requests under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from rightscheck.fetch.guard import GuardedTransport
from rightscheck.fetch.transport import AsyncTransport
from rightscheck.model import Document


@dataclass(slots=True)
class _Gate:
    semaphore: asyncio.Semaphore
    users: int = 0


@dataclass(slots=True, eq=False, kw_only=True)
class Lane:
    """Connections and slots of one loop. `transport` is closed with the lane only when it is guarded, ours.

    Attributes:
        room: slots of all hosts together.
        flights: requests under way, by what makes two of them the same.
    """

    loop: asyncio.AbstractEventLoop
    transport: AsyncTransport
    owned: bool
    room: asyncio.Semaphore
    per_host: int
    gates: dict[str, _Gate] = field(default_factory=dict)
    flights: dict[object, asyncio.Task[Document]] = field(default_factory=dict)

    @asynccontextmanager
    async def slot(self, host: str) -> AsyncIterator[None]:
        """A place among the requests to the host and among all; waits for it."""
        gate = self.gates.setdefault(host, _Gate(asyncio.Semaphore(self.per_host)))
        gate.users += 1
        try:
            async with gate.semaphore, self.room:
                yield
        finally:
            gate.users -= 1
            if not gate.users:
                del self.gates[host]

    async def close(self) -> None:
        """Ends the requests under way, then the connections."""
        flights = tuple(self.flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        if self.owned and isinstance(self.transport, GuardedTransport):
            await self.transport.aclose()
