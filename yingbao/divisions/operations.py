"""Writing the tree."""

from __future__ import annotations

from yingbao.divisions.codes import scope_of
from yingbao.divisions.models import Division
from yingbao.storage.transactions import operation


@operation
def add(*, code: int, name: str, level: str, parent_code: int | None = None) -> Division:
    """Add a division, or rename it where the code is there already. Raises ValueError for a code not of its level."""
    scope_of(code, level)
    division, _created = Division.objects.update_or_create(
        code=code, defaults={"name": name, "level": level, "parent_id": parent_code}
    )
    return division
