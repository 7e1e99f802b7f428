"""Options of recommendations, which the server computes at once and without a run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from lghrec_compute.spec.base import Spec, field_error
from lghrec_compute.spec.common import IdOf

MAX_ITEMS = 100_000
"""Maximum number of items of one answer: users times `k`."""

StoredModel = Annotated[str, Field(min_length=1, max_length=256), IdOf("model")]
ExternalId = Annotated[str, Field(min_length=1)]
ListLength = Annotated[int, Field(ge=1, le=1000)]


class RecommendRequest(Spec):
    """Request of `client.recommend`."""

    model: StoredModel
    """The model: `result.model` of a train result, or its id."""
    users: Annotated[tuple[ExternalId, ...], Field(min_length=1, max_length=1000)]
    """User ids as they appear in the data. Their number times `k` is at most 100,000."""
    k: ListLength = 10
    """Number of items per user."""
    include_seen: bool = False
    """Whether the lists also contain items of the user's train and valid parts."""

    @model_validator(mode="after")
    def _answer_is_not_too_long(self) -> RecommendRequest:
        count = len(self.users)
        if count * self.k > MAX_ITEMS:
            text = f"got {self.k} for {count} users, expected at most {MAX_ITEMS:,} items together"
            raise field_error("k", text)
        return self


class SimilarItemsRequest(Spec):
    """Request of `client.similarItems`."""

    model: StoredModel
    """The model: `result.model` of a train result, or its id."""
    item: ExternalId
    """Item id as it appears in the data."""
    k: ListLength = 10
    """Number of items."""
