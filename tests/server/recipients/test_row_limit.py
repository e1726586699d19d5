from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.row_templates import TextRows
from pillarbox.recipients.tables import RecipientTable


def test_a_hundred_thousand_rows_are_read_and_the_others_counted():
    rows = [["phone number"], *[[""]] * 100_003]
    table = RecipientTable(rows, TextRows(TextTemplate("hello")))
    summary = table.summary()
    assert (sum(1 for _ in table), summary.row_count, summary.too_many_rows) == (100_000, 100_003, True)
