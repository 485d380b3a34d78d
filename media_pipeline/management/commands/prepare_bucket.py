"""Set up the bucket: anybody may read the public tree in it, nobody anything else."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from media_pipeline.objects_s3 import configured_bucket
from media_pipeline.s3 import Bucket, told


def policy(bucket: str) -> dict[str, Any]:
    """The bucket's policy: reading single objects of the public tree, without listing it."""
    statement = {
        "Sid": "PublicTree",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/public/b/*"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def cors(origins: list[str]) -> dict[str, Any]:
    """Which pages' scripts may read signed addresses and send parts of an upload."""
    rule = {
        "AllowedOrigins": origins,
        "AllowedMethods": ["GET", "HEAD", "PUT"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag", "Content-Range", "Content-Length", "Accept-Ranges"],
        "MaxAgeSeconds": 86400,
    }
    return {"CORSRules": [rule]}


def prepare(bucket: Bucket, origins: list[str]) -> None:
    """Make the bucket if it is missing, and give it policy and CORS rules; a repeated call changes nothing.

    Raises:
        OSError: the store cannot be reached or refuses.
    """
    try:
        with told(bucket.name):
            bucket.quick.head_bucket(Bucket=bucket.name)
    except FileNotFoundError:
        with told(bucket.name):
            bucket.quick.create_bucket(Bucket=bucket.name)
    with told(bucket.name):
        bucket.quick.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(policy(bucket.name)))
        if origins:
            bucket.quick.put_bucket_cors(Bucket=bucket.name, CORSConfiguration=cors(origins))


class Command(BaseCommand):
    """`manage.py prepare_bucket`; run it once, and again after the site's address has changed."""

    help = "设置对象存储桶的权限。 / Sets up the bucket's policy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Nothing to choose: the settings say it."""

    def handle(self, **options: Any) -> None:
        """Set it up, or say why not."""
        if "objects" not in settings.STORAGES:
            raise CommandError(
                "这里的对象存放在文件夹里，不需要设置。 / Objects lie in a folder here; nothing to set up."
            )
        bucket = configured_bucket()
        try:
            prepare(bucket, [settings.WAGTAILADMIN_BASE_URL.rstrip("/")])
        except OSError as error:
            raise CommandError(f"对象存储没有接受设置 / the store refused: {error}") from error
        self.stdout.write(f"存储桶已就绪 / bucket ready: {bucket.name}")
