"""Uploaded data sets: a client announces files and sends them in chunks; the server stores one artifact."""

from lghrec_compute.server.uploads.plan import FOLDER, Plan, plan_upload
from lghrec_compute.server.uploads.registry import Uploads

__all__ = ["FOLDER", "Plan", "Uploads", "plan_upload"]
