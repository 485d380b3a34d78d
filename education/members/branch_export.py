"""The branch's year as a table that Excel opens: who has how many hours, what is missing and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from django.utils.translation import gettext as _

from education.hours.selectors import HoursView

_BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of the machine."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def hours_table(views: Sequence[HoursView]) -> str:
    """CSV with one row a member, in the order given; hours as numbers."""
    file = io.StringIO(_BYTE_ORDER_MARK)
    file.seek(0, io.SEEK_END)
    table = csv.writer(file)
    columns = [column.label for column in views[0].columns] if views else []
    table.writerow([_("姓名"), _("身份"), *columns, _("已有学时"), _("规定学时"), _("还差学时"), _("原因")])
    for view in views:
        reasons = "；".join(str(reason.words) for reason in view.reasons)
        hours = [column.hours for column in view.columns]
        numbers = [*hours, view.counted_hours, view.target_hours, view.missing_hours]
        table.writerow([harmless(view.member.name), view.member.get_duty_display(), *numbers, harmless(reasons)])
    return file.getvalue()
