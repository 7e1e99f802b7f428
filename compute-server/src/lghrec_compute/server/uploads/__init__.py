"""Raw files on their way to the server: announced, received in pieces, stored as one artifact."""

from lghrec_compute.server.uploads.plan import FOLDER, Plan, announced
from lghrec_compute.server.uploads.registry import Uploads

__all__ = ["FOLDER", "Plan", "Uploads", "announced"]
