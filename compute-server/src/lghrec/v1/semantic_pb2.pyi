from lghrec.v1 import artifact_pb2 as _artifact_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetItemCardRequest(_message.Message):
    __slots__ = ("artifact_id", "item")
    ARTIFACT_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_FIELD_NUMBER: _ClassVar[int]
    artifact_id: str
    item: str
    def __init__(self, artifact_id: _Optional[str] = ..., item: _Optional[str] = ...) -> None: ...

class GetItemCardResponse(_message.Message):
    __slots__ = ("card",)
    CARD_FIELD_NUMBER: _ClassVar[int]
    card: ItemCard
    def __init__(self, card: _Optional[_Union[ItemCard, _Mapping]] = ...) -> None: ...

class ItemCard(_message.Message):
    __slots__ = ("item", "text", "reasoning", "quotes", "keywords", "neighbors", "status", "flags", "provenance")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REASONING_FIELD_NUMBER: _ClassVar[int]
    QUOTES_FIELD_NUMBER: _ClassVar[int]
    KEYWORDS_FIELD_NUMBER: _ClassVar[int]
    NEIGHBORS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    item: str
    text: str
    reasoning: str
    quotes: _containers.RepeatedCompositeFieldContainer[QuoteSpan]
    keywords: _containers.RepeatedScalarFieldContainer[str]
    neighbors: _containers.RepeatedCompositeFieldContainer[NeighborItem]
    status: str
    flags: _containers.RepeatedScalarFieldContainer[str]
    provenance: CardProvenance
    def __init__(self, item: _Optional[str] = ..., text: _Optional[str] = ..., reasoning: _Optional[str] = ..., quotes: _Optional[_Iterable[_Union[QuoteSpan, _Mapping]]] = ..., keywords: _Optional[_Iterable[str]] = ..., neighbors: _Optional[_Iterable[_Union[NeighborItem, _Mapping]]] = ..., status: _Optional[str] = ..., flags: _Optional[_Iterable[str]] = ..., provenance: _Optional[_Union[CardProvenance, _Mapping]] = ...) -> None: ...

class QuoteSpan(_message.Message):
    __slots__ = ("start", "end", "exact", "fuzzy")
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    EXACT_FIELD_NUMBER: _ClassVar[int]
    FUZZY_FIELD_NUMBER: _ClassVar[int]
    start: int
    end: int
    exact: bool
    fuzzy: bool
    def __init__(self, start: _Optional[int] = ..., end: _Optional[int] = ..., exact: _Optional[bool] = ..., fuzzy: _Optional[bool] = ...) -> None: ...

class NeighborItem(_message.Message):
    __slots__ = ("item", "similarity", "title")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    SIMILARITY_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    item: str
    similarity: float
    title: str
    def __init__(self, item: _Optional[str] = ..., similarity: _Optional[float] = ..., title: _Optional[str] = ...) -> None: ...

class CardProvenance(_message.Message):
    __slots__ = ("provider", "model", "model_revision", "prompt", "encoder", "cache_key", "attempts", "input_tokens", "output_tokens", "semantic_ids")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    MODEL_REVISION_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    ENCODER_FIELD_NUMBER: _ClassVar[int]
    CACHE_KEY_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    SEMANTIC_IDS_FIELD_NUMBER: _ClassVar[int]
    provider: str
    model: str
    model_revision: str
    prompt: str
    encoder: str
    cache_key: str
    attempts: int
    input_tokens: int
    output_tokens: int
    semantic_ids: _artifact_pb2.ArtifactRef
    def __init__(self, provider: _Optional[str] = ..., model: _Optional[str] = ..., model_revision: _Optional[str] = ..., prompt: _Optional[str] = ..., encoder: _Optional[str] = ..., cache_key: _Optional[str] = ..., attempts: _Optional[int] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., semantic_ids: _Optional[_Union[_artifact_pb2.ArtifactRef, _Mapping]] = ...) -> None: ...

class ListProvidersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListProvidersResponse(_message.Message):
    __slots__ = ("providers",)
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    providers: _containers.RepeatedCompositeFieldContainer[ProviderStatus]
    def __init__(self, providers: _Optional[_Iterable[_Union[ProviderStatus, _Mapping]]] = ...) -> None: ...

class ProviderStatus(_message.Message):
    __slots__ = ("provider", "endpoint", "model", "available", "reason")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    ENDPOINT_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    provider: str
    endpoint: str
    model: str
    available: bool
    reason: str
    def __init__(self, provider: _Optional[str] = ..., endpoint: _Optional[str] = ..., model: _Optional[str] = ..., available: _Optional[bool] = ..., reason: _Optional[str] = ...) -> None: ...
