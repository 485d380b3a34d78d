"""Deleting what other things refer to ends in words, not in a server error."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from education.training.models import TrainingCampaign
from offline.packages.models import OfflinePackage
from tests.factories import offline as make
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> TrainingCampaign:
    """One that a package belongs to."""
    return make.package(reviewed=False).campaign


@pytest.fixture
def address(campaign: TrainingCampaign, client: Client) -> str:
    """Where an administrator deletes it."""
    client.force_login(people.user(is_staff=True, is_superuser=True))
    return reverse("trainingcampaign:delete", args=[campaign.pk])


def test_what_stands_in_the_way_is_named_and_the_person_is_led_back(
    client: Client, campaign: TrainingCampaign, address: str
) -> None:
    back = f"http://testserver{address}"
    answer = client.post(address, headers={"referer": back}, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain == [(back, 302)]
    text = answer.content.decode()
    assert "不能删除" in text and "can&#x27;t be deleted" in text
    assert OfflinePackage.objects.get().title in text
    assert TrainingCampaign.objects.filter(pk=campaign.pk).exists()


def test_a_program_is_told_in_json(client: Client, address: str) -> None:
    answer = client.post(address, headers={"accept": "application/json"})
    assert (answer.status_code, json.loads(answer.content)["error"]["code"]) == (409, "still-in-use")


def test_many_holders_are_not_all_named(client: Client, campaign: TrainingCampaign, address: str) -> None:
    for number in range(6):
        OfflinePackage.objects.create(campaign=campaign, title=f"包 {number}")
    names = client.post(address, headers={"accept": "application/json"}).json()["error"]["message"]
    assert names.count("「") == 3 and "…" in names
