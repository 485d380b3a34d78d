from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("packages", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="packagebuild",
            name="quizzes",
            field=models.JSONField(
                default=list,
                help_text="Quizzes inside as they were signed: material, title, questions (count), sha256.",
            ),
        ),
    ]
