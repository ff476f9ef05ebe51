"""Give declarations of before what is kept line by line now."""

from django.db import migrations


def fill(apps, schema_editor):
    lines = apps.get_model("collection", "DeclarationLine").objects.select_related("declaration", "due")
    payment_lines = apps.get_model("collection", "PaymentLine").objects.filter(kind="due", payment__channel="cash")
    for one in lines.iterator(chunk_size=2000):
        one.payment_line = payment_lines.filter(due=one.due).first()
        one.amount_fen = one.payment_line.amount_fen if one.payment_line else 0
        if one.declaration.cleared_on is not None:
            one.answered_on = one.declaration.cleared_on
            one.state = "accepted" if one.due.state == "cleared" else "short"
        one.save(update_fields=["payment_line", "amount_fen", "answered_on", "state"])
    apps.get_model("collection", "Due").objects.filter(declaration_lines__state="short").update(state="short")


class Migration(migrations.Migration):
    dependencies = (("collection", "0002_way_of_money"),)
    operations = (migrations.RunPython(fill, migrations.RunPython.noop),)
