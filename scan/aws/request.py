"""The JSON document whose path is the first argument. Imported before moto, which reads the account when it loads."""

import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as document:
    REQUEST = json.load(document)
os.environ["MOTO_ACCOUNT_ID"] = REQUEST["account"]
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
    os.environ[name] = "none"
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)
