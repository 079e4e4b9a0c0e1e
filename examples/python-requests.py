"""Signalbox from Python with requests: list the models, ask, ask again and watch the answer come.

    bin/signalbox serve --demo                  # in another terminal; prints a key
    SIGNALBOX_KEY=sb-… python3 examples/python-requests.py "What is 12 * 7?"
"""

import json
import os
import sys

import requests

URL = os.environ.get("SIGNALBOX_URL", "http://127.0.0.1:4000")
KEY = os.environ.get("SIGNALBOX_KEY") or sys.exit("Set SIGNALBOX_KEY to a key of your gateway: the first start prints one, bin/signalbox keys create makes more.")
MODEL = os.environ.get("SIGNALBOX_MODEL", "demo-chat")
QUESTION = sys.argv[1] if len(sys.argv) > 1 else "What is 12 * 7?"

gateway = requests.Session()
gateway.headers["Authorization"] = f"Bearer {KEY}"


def checked(response):
    """The response, unless it is a refusal: then its own words end the program."""
    if not response.ok:
        sys.exit(f"{response.status_code}: {response.json()['error']['message']}")
    return response


def ask(question, **more):
    body = {"model": MODEL, "messages": [{"role": "user", "content": question}], **more}
    # Seconds to connect, seconds of silence.
    return checked(gateway.post(f"{URL}/v1/chat/completions", json=body, stream=body.get("stream", False), timeout=(5, 120)))


def chunks(response):
    """The chunks of a stream. Lines that do not begin with `data:` only keep the connection alive."""
    for line in response.iter_lines():
        if line.startswith(b"data: ") and line != b"data: [DONE]":
            chunk = json.loads(line[len(b"data: ") :])
            if "error" in chunk:
                sys.exit(chunk["error"]["message"])
            yield chunk


models = checked(gateway.get(f"{URL}/v1/models", timeout=10)).json()["data"]
print("Models:", ", ".join(model["id"] for model in models))

answer = ask(QUESTION).json()
print("Answer:", answer["choices"][0]["message"]["content"])
print("Tokens:", answer["usage"]["total_tokens"])

print("Streamed: ", end="")
for chunk in chunks(ask(QUESTION, stream=True)):
    for choice in chunk["choices"]:
        print(choice["delta"].get("content") or "", end="", flush=True)
print()
