"""A job that is done in parts, by itself and by whatever workers of its pool are idle.

```
the job ──offer 1, 2, 3──► supervisor ──2──► an idle worker
        ──claim 1────────►            "1 is yours"
        ──claim 2────────►            what the other made of 2; or "3 is yours" while that is busy
```
Whatever is done where: parts come out in their order, and no more of them are under way than
twice as many as there are workers. A job that ends its process is done once more, and then all of
its parts are done by other processes: what ended it costs the part, and the job itself is safe.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, cast

from ingest.workers.child import desk
from schemas.errors import InputError, InvariantError

Part = TypeVar("Part")
Done = TypeVar("Done")


def second_try() -> bool:
    """Whether the running job ended its process when it was done before."""
    return desk.again


def in_parts(
    parts: Iterable[Part], here: Callable[[Part], Done], *, elsewhere: bool = False, most: int = 64
) -> Iterator[tuple[Part, Done | InputError]]:
    """Every part with what became of it, in their order. Parts are picklable; a worker that takes
    one calls itself with it, which must do as `here` does. `elsewhere`: never in this process,
    where there is another.

    An error is of a worker that died, took too long or grew too big over the part. What `here`
    raises, is raised.
    """
    if not desk.ahead:
        for part in parts:
            yield part, here(part)
        return
    source = iter(parts)
    offered: deque[tuple[int, Part]] = deque()
    done: dict[int, Done] = {}
    more = True
    while True:
        while more and len(offered) < min(desk.ahead, most):
            for part in source:
                offered.append((desk.offer(part), part))
                break
            else:
                more = False
        if not offered:
            return
        number, part = offered[0]
        outcome = _outcome(number, dict(offered), done, here, elsewhere=elsewhere)
        offered.popleft()
        yield part, outcome


def _outcome(
    number: int, offered: dict[int, Part], done: dict[int, Done], here: Callable[[Part], Done], *, elsewhere: bool
) -> Done | InputError:
    """Of the part of this number; meanwhile others are done here that nobody has begun."""
    while number not in done:
        answer = desk.claim(number, elsewhere=elsewhere)
        if answer.kind == "yours":
            mine = cast("int", answer.value)
            done[mine] = here(offered[mine])
        elif answer.kind == "error" and isinstance(answer.value, InputError):
            return answer.value
        elif answer.kind == "error" and isinstance(answer.value, BaseException):
            raise answer.value
        elif answer.kind == "done":
            return cast("Done", answer.value)
        else:
            raise InvariantError(f"a part of a job was answered with {answer.kind}")
    return done.pop(number)
