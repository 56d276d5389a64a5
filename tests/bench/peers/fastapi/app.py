# SPDX-License-Identifier: Apache-2.0
"""The Python webhook server's work on FastAPI: the secret compared, the Hub payload (model version 3) validated by pydantic, a
handler called, its result written as JSON. Field by field the same model; runs on Debian's pydantic 1.10."""
import os
from typing import List, Literal, Optional

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

SECRET = os.environ["BENCH_SECRET"]


class ObjectId(BaseModel):
    id: str


class Url(BaseModel):
    web: str
    api: Optional[str] = None


class MovedTo(BaseModel):
    name: str
    owner: ObjectId


class Webhook(ObjectId):
    version: Literal[3]


class Event(BaseModel):
    action: Literal["create", "delete", "move", "update"]
    scope: str


class Changes(BaseModel):
    base: str
    mergeCommitId: Optional[str] = None


class Comment(ObjectId):
    author: ObjectId
    hidden: bool
    content: Optional[str] = None
    url: Url


class Discussion(ObjectId):
    num: int
    author: ObjectId
    url: Url
    title: str
    isPullRequest: bool
    status: Literal["closed", "draft", "open", "merged"]
    changes: Optional[Changes] = None
    pinned: Optional[bool] = None


class Repo(ObjectId):
    owner: ObjectId
    head_sha: Optional[str] = None
    name: str
    private: bool
    subdomain: Optional[str] = None
    tags: Optional[List[str]] = None
    type: Literal["dataset", "model", "space"]
    url: Url


class UpdatedRef(BaseModel):
    ref: str
    oldSha: Optional[str] = None
    newSha: Optional[str] = None


class Payload(BaseModel):
    event: Event
    repo: Repo
    discussion: Optional[Discussion] = None
    comment: Optional[Comment] = None
    webhook: Webhook
    movedTo: Optional[MovedTo] = None
    updatedRefs: Optional[List[UpdatedRef]] = None


app = FastAPI()


@app.post("/webhooks/inline_hub")
async def inline_hub(request: Request, payload: Payload):
    secret = request.headers.get("x-webhook-secret")
    if secret is None:
        return JSONResponse({"error": "x-webhook-secret header not set."}, status_code=401)
    if secret != SECRET:
        return JSONResponse({"error": "Invalid webhook secret."}, status_code=403)
    return {"repo": payload.repo.name, "scope": payload.event.scope}
