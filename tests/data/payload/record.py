# SPDX-License-Identifier: Apache-2.0
"""Records what FastAPI and pydantic answer to good, bad and odd payloads, as the judge of host/payload.

Run (Python 3.11): pip install fastapi==0.141.1 starlette==0.47.3 pydantic==2.13.4 huggingface_hub
                   python record.py
Writes json_errors.json and model_verdicts.json beside itself; the tests read those and need no Python.

The answers are FastAPI's byte for byte, but for what hookhost does differently on purpose:
  * `input` of more than 64 bytes of JSON is cut (host/payload/validation.h says how); the cut is made here;
  * `tolerant`, given where it differs, drops the errors that the tolerant form forgives: an unknown text in an open set, another number as
    webhook.version;
  * what Python takes for JSON and RFC 8259 does not (NaN, lone surrogates), and integers beyond 64 bits as
    discussion.num, are not recorded: the tests state them by hand.
"""
import asyncio
import json
import pathlib
import random

from fastapi import FastAPI
from huggingface_hub._webhooks_payload import WebhookPayload

HERE = pathlib.Path(__file__).parent
ECHO_BYTES_MAX = 64

app = FastAPI()


@app.post("/")
async def endpoint(payload: WebhookPayload):
    return payload.model_dump()


def ask(body, content_type="application/json"):
    """Status and body of the answer; (500, "") when the server fails."""
    headers = [(b"content-length", str(len(body)).encode())]
    if content_type is not None:
        headers.append((b"content-type", content_type.encode("latin-1")))
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
             "path": "/", "raw_path": b"/", "query_string": b"", "root_path": "", "headers": headers,
             "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    try:
        asyncio.run(app(scope, receive, send))
    except Exception:
        return 500, ""
    text = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return sent[0]["status"], text.decode("utf-8")


def dump(value):
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def cut(text):
    raw = text.encode("utf-8")
    return raw[:ECHO_BYTES_MAX].decode("utf-8", "ignore")


def echo(value):
    if isinstance(value, str):
        return cut(value)
    text = dump(value)
    return value if len(text.encode("utf-8")) <= ECHO_BYTES_MAX else cut(text)


def capped(answer):
    """The answer as hookhost gives it: with its echoes cut."""
    detail = json.loads(answer)["detail"]
    if isinstance(detail, list):
        for error in detail:
            error["input"] = echo(error["input"])
    return dump({"detail": detail})


def is_forgiven(error):
    place = tuple(error["loc"])
    if place == ("body", "webhook", "version"):
        return type(error["input"]) in (int, float) and error["type"] in ("literal_error", "int_parsing_size")
    return error["type"] == "literal_error" and isinstance(error["input"], str)


def tolerant(answer):
    """The capped answer of the tolerant form; "" when nothing is left to refuse."""
    detail = json.loads(answer)["detail"]
    if isinstance(detail, list):
        detail = [error for error in detail if not is_forgiven(error)]
        if not detail:
            return ""
    return capped(dump({"detail": detail}))


# --- json_errors.json: bodies that are no JSON, with Python's message and offset ---

WRITTEN = r'''
{"a":
{"a":1,}
{"a" 1}
{"a":1 "b":2}
{a:1}
{'a':1}
{1:2}
{
{"
{"a
{"a"
{"a":1
{"a":1,
{"a":1,"b"
{"a":1,"b":
{,}
{"a"::1}
[
[1
[1,
[1,]
[,1]
[1 2]
[1,,2]
[1}
{"a":[1}
]
}
,
:
"
"a
"a\
"a\"
"\q"
"\u12"
"\u12G4"
"\u123
"\u1234
"\ud83d\uZZZZ"
"\ud83d\ude0
"\ud83d\ude00
tru
truex
true false
True
nul
nan
undefined
+1
-
-a
01
1.
1.e1
.5
1e
1e+
1.5.5
0x10
1_000
1 2
"a" "b"
{} {}
[] x
{"a":1}}
[1]]
{"é":1,"ü" 2}
["😀",]
{"a":"
/* c */ {}
{"a":1} // c
"tab	in"
Infinit
-Infinit
NaNx
[NaN,]
{"a":NaN,}
{"a": ["\ud800", x]}
'''


SMALL = r'''{"event":{"action":"create","scope":"discussion.comment"}, "n": [-1.5e+10, 0, true, null],
 "comment":{"content":"Café \"né\" 🤗\n\u00e9\\ ok","hidden":false},"tags":["a","β",{}],"é":[[],{"x":"y"}]}'''


def json_bodies():
    yield from (line.encode("utf-8") for line in WRITTEN.strip("\n").split("\n"))
    yield from (b" ", b"\n\t \r\n", b"[1,\n", b'{"a":\n\n', b'"a\x00b"', b'"a\x1f"', b'["a\nb"]', b"\xef\xbb\xbf", b"\x0c[]",
                b"\xef\xbb\xbf{\"a\":}", b"[\x00]", b"\x7f", b"[\xc2\xa01]", b"\xef\xbb\xbf\xef\xbb\xbf[]",
                b"\xff", b"[\"\xc3\"]", b"{\"a\":\"\xc0\xaf\"}", b"[\"\xf5\x80\x80\x80\"]", b"{\xff", b"[1,\"\x80\"",
                b"[" * 100000, b"[" + b"9" * 4301 + b"]", b"-" + b"9" * 4301, b"[" + b"1" * 4301, b"[x," + b"1" * 4301,
                b"[" + b"1" * 4301 + b"x", b"{" + b"\"a\":{" * 2000)
    payload = SMALL.encode("utf-8")
    step = random.Random(1)
    for _ in range(160):  # broken off
        yield payload[: step.randrange(1, len(payload))]
    for _ in range(400):  # one or two bytes lost, doubled or changed
        broken = bytearray(payload)
        for _ in range(step.choice((1, 1, 2))):
            at = step.randrange(len(broken))
            kind = step.randrange(3)
            if kind == 0:
                del broken[at]
            elif kind == 1:
                broken.insert(at, step.choice(b'{}[],:"\\ 0-e.tn\n'))
            else:
                broken[at] = step.choice(b'{}[],:"\\ 0-e.tnu\n\x01')
        yield bytes(broken)


def record_json_errors():
    cases = []
    for body in dict.fromkeys(json_bodies()):
        status, answer = ask(body)
        is_json_error = status == 400 or (status == 422 and '"json_invalid"' in answer)
        if not is_json_error:
            continue  # accepted by the JSON layer: model_verdicts.json has those
        if len(body) > 1000 and len(set(body)) == 1:  # long and dull: as a rule to repeat
            cases.append({"repeat": [body[:1].decode(), len(body)], "status": status, "answer": answer})
            continue
        try:
            cases.append({"body": body.decode("utf-8"), "status": status, "answer": answer})
        except UnicodeDecodeError:
            cases.append({"hex": body.hex(), "status": status, "answer": answer})
    write("json_errors.json", cases)


# --- model_verdicts.json: JSON that fits the model or not ---

VALUES = [
    "null", "true", "false", "{}", "[]", "0", "1", "2", "3", "-1", "-0", "19", "1.0", "0.0", "-0.0", "1e0", "2.0", "3.0", "3e0", "30e-1",
    "0.5", "19.0", "19.5", "1e2", "1e-1", "1e18", "9.2e18", "1e19", "1e30", "-1e19", "1e16", "1e22", "123456.789e3", "1e-7", "5e-324",
    "9223372036854775807", "-9223372036854775808", "9223372036854774784.0", "-9223372036854775808.0", "4", '""', '" "', '"a"', '"3"',
    '"true"', '"TRUE"', '"t"', '"Yes"', '"y"', '"on"', '"1"', '"0"', '"False"', '"f"', '"no"', '"N"', '"oFF"', '" true"', '"true "',
    '"1.0"', '"maybe"', '"ſ"', '" 19 "', '"+19"', '"019"', '"1_9"', '"19.00"', '"-0"', '"abc"', '"19.5"', '"1e3"', '"0x13"', '"19."',
    '".0"', '"_19"', '"19_"', '"1__9"', '"19.0_0"', '"+-1"', '"-019"', '"0__1"', '"0_-1"', '"0-1"', '"-_1"', '"--1"', '"- 1"', '"0+1"',
    '"٣"', '"\\u00a07\\u2003"', '"\\u200b7"', '"\\u001c7"', '"\\u00857"', '"7\\n"', '"000"', '"0_"', '"0_.0"', '"00.0"', '"-"', '"+"',
    '"1.0.0"', '"9223372036854775807"', '"-9223372036854775808"', '"create"', '"Create"', '"update "', '"dataset"', '"bucket"',
    '"merged"', '"reopened"', '"\\u0000"', '"\\u001f\\"\\\\/\\b\\f\\n\\r\\t\\u007f"', '"é😀\\ud83e\\udd17"', '"main\\u0020branch"',
    '{"a":1}', '{"id":5}', '{"id":"x"}', '{"id":"x","id":7}', '{"web":"w"}', '{"web":"w","api":null}', '{"web":1,"api":2}', '[1]', '["a"]',
    '["a",1,null]', '[null,{"ref":"r"},5]', '[{"ref":1,"oldSha":2,"newSha":false}]', '[{}]', '[[]]', '{"base":"b"}', '{"base":null}',
    '{"b":1,"a":2,"b":3}', '{"x":[1.0,1e2,{"y":"z"}]}', '"%s"' % ("x" * 62), '"%s"' % ("x" * 63), '"%s"' % ("x" * 65), '"%sé"' % ("x" * 63),
    '"%s"' % ("é" * 40), '[%s]' % ",".join("1" * 31), '[%s]' % ",".join("1" * 32), '{"key":"%s"}' % ("v" * 53), '{"key":"%s"}' % ("v" * 54),
    '"\\u0001%s"' % ("y" * 70), "12345678901234567890123456789012345678901234567890123456789012345",
]

FULL = {
    "event": {"action": "update", "scope": "discussion"},
    "repo": {"id": "r", "owner": {"id": "o"}, "head_sha": "abc", "name": "u/n", "private": False, "subdomain": "s", "tags": ["a", "b"],
             "type": "model", "url": {"web": "w", "api": "p"}},
    "discussion": {"id": "d", "num": 19, "author": {"id": "a"}, "url": {"web": "w", "api": "p"}, "title": "T", "isPullRequest": True,
                   "status": "open", "changes": {"base": "refs/heads/main", "mergeCommitId": "m"}, "pinned": False},
    "comment": {"id": "c", "author": {"id": "a"}, "hidden": False, "content": "hi", "url": {"web": "w"}},
    "webhook": {"id": "w", "version": 3},
    "movedTo": {"name": "x/y", "owner": {"id": "o"}},
    "updatedRefs": [{"ref": "refs/heads/main", "oldSha": None, "newSha": "1"}, {"ref": "refs/pr/1", "oldSha": "2", "newSha": None}],
}


class Tree:
    """A document whose leaves are JSON texts, so that 1.0, 1e0 and repeated keys survive."""

    def __init__(self, value):
        self.members = self.items = self.text = None
        if isinstance(value, dict):
            self.members = [[k, Tree(v)] for k, v in value.items()]
        elif isinstance(value, list):
            self.items = [Tree(v) for v in value]
        else:
            self.text = dump(value)

    def children(self):
        return [m[1] for m in self.members] if self.members is not None else self.items or []

    def all(self):
        yield self
        for child in self.children():
            yield from child.all()

    def become(self, text):
        self.members = self.items = None
        self.text = text

    def print(self):
        if self.members is not None:
            return "{" + ",".join(json.dumps(k) + ":" + v.print() for k, v in self.members) + "}"
        if self.items is not None:
            return "[" + ",".join(v.print() for v in self.items) + "]"
        return self.text


def mutate(tree, step):
    nodes = list(tree.all())
    objects = [n for n in nodes if n.members]
    kind = step.randrange(10)
    if kind < 6:
        step.choice(nodes[1:]).become(step.choice(VALUES))
    elif kind == 6:
        step.choice(objects).members.pop(0 if step.random() < 0.3 else -1)
    elif kind == 7:
        members = step.choice(objects).members
        members.pop(step.randrange(len(members)))
    elif kind == 8:  # a repeated key, before or behind
        members = step.choice(objects).members
        copy = Tree(None)
        copy.become(step.choice(VALUES))
        members.insert(step.choice((0, len(members))), [step.choice(members)[0], copy])
    else:
        step.shuffle(step.choice(objects).members)


def model_bodies():
    for value in VALUES:  # each value in the place of each kind of field
        for path in (("event", "action"), ("event", "scope"), ("repo", "private"), ("repo", "tags"), ("repo", "type"), ("repo", "owner"),
                     ("discussion", "num"), ("discussion", "pinned"), ("discussion", "status"), ("discussion", "changes"),
                     ("webhook", "version"), ("updatedRefs",), ("movedTo",), ("comment", "content")):
            tree = Tree({key: FULL[key] for key in dict.fromkeys(("event", "repo", "webhook", path[0]))})
            node = tree
            for key in path:
                node = next(v for k, v in node.members if k == key)
            node.become(value)
            yield tree.print()
        yield value
    yield from ("{}", '{"event":null,"repo":null,"webhook":null}', " null ", '{"a":{"b":[]}}')
    step = random.Random(2)
    for _ in range(500):
        tree = Tree(FULL)
        for _ in range(step.choice((1, 1, 2, 3, 5))):
            mutate(tree, step)
        yield tree.print()


def values_of(payload):
    """What hookhost converts, and one text of each object."""
    def pick(*path):
        value = payload
        for key in path:
            value = None if value is None else value[key]
        return value

    return {"num": pick("discussion", "num"), "private": pick("repo", "private"), "pinned": pick("discussion", "pinned"),
            "isPullRequest": pick("discussion", "isPullRequest"), "hidden": pick("comment", "hidden"),
            "scope": pick("event", "scope"), "name": pick("repo", "name"), "head_sha": pick("repo", "head_sha"),
            "title": pick("discussion", "title"), "content": pick("comment", "content"), "movedTo": pick("movedTo", "name")}


def record_model_verdicts():
    cases = []
    for body in dict.fromkeys(model_bodies()):
        status, answer = ask(body.encode("utf-8"))
        if status == 500 or '"json_invalid"' in answer:
            continue
        if status == 200:
            values = values_of(json.loads(answer))
            if values["num"] is not None and not -(2**63) <= values["num"] < 2**63:
                continue
            cases.append({"body": body, "values": values})
        else:
            case = {"body": body, "strict": capped(answer)}
            if tolerant(answer) != case["strict"]:
                case["tolerant"] = tolerant(answer)
            cases.append(case)
    write("model_verdicts.json", cases)


def write(name, cases):
    text = "[\n" + ",\n".join(dump(case) for case in cases) + "\n]\n"
    (HERE / name).write_text(text, encoding="utf-8")
    print(name, len(cases), "cases", len(text), "bytes")


if __name__ == "__main__":
    record_json_errors()
    record_model_verdicts()
