"""An API with two services that know nothing of each other, for the tests that change no settings of theirs."""

from dataclasses import dataclass

import pytest
from hypothesis import settings

from tests.support.api import Api, api_in_thread, provisioned
from tests.support.factories import MadeService, document

# A machine that is busy with something else makes no code wrong.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")


@dataclass
class TwoServices:
    """A running API, and two services in it."""

    api: Api
    ours: MadeService
    theirs: MadeService


@pytest.fixture(scope="module")
def two(databases):
    ours, theirs = MadeService("ours"), MadeService("theirs")
    with provisioned(databases, document(ours, theirs)) as url, api_in_thread(url) as api:
        yield TwoServices(api, ours, theirs)
