"""Uploads a dump while it is being made, then its manifest.

The dump arrives in a pipe. An object appears in the bucket only when its upload is completed, which needs the word of
the other container that pg_dump has ended well and that the dump was read to its end. Otherwise the upload is aborted.
A dump counts once its manifest is there.

DUMP_FOLDER  folder shared with the container that dumps: start.json, data (the pipe), dumped, uploaded.json
DUMP_TARGET  where it goes, such as s3://bucket/dumps/sark
DUMP_NAME    name of the dump without its time
"""

import base64
import hashlib
import json
import os
import pathlib
import signal
import sys
import time

MIB = 2**20
# S3 takes at most 10,000 parts. A dump is smaller than its database; a third more is kept for incompressible rows.
MOST_PARTS = 7_500
SECONDS_FOR_WORD = 60

folder = pathlib.Path(os.environ["DUMP_FOLDER"])


def main():
    import boto3

    signal.signal(signal.SIGTERM, lambda *_: sys.exit("the upload was ended from outside"))
    store = boto3.client("s3")
    pipe = folder / "data"
    while not pipe.exists():
        # The other container opens a snapshot only when somebody is here to upload.
        (folder / "ready").touch()
        if (folder / "dumped").exists():
            require_complete()
        time.sleep(0.1)
    start = json.loads((folder / "start.json").read_text())
    bucket, _, prefix = os.environ["DUMP_TARGET"].removeprefix("s3://").partition("/")
    moment = start["time"][:19].replace(":", "")
    key = f"{prefix}/{os.environ['DUMP_NAME']}-{moment}Z.dump"
    with pipe.open("rb") as stream:
        size, digest = upload(store, bucket, key, stream, part_size(start.pop("databaseBytes")))
    finished = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    manifest = {**start, "finished": finished, "key": key, "bytes": size, "sha256": digest}
    text = json.dumps(manifest, indent=2).encode()
    store.put_object(Bucket=bucket, Key=f"{key}.manifest.json", Body=text, ContentMD5=md5(text))
    # The other container reads the file as soon as it has this name.
    written = folder / "uploaded.partial"
    written.write_bytes(text)
    written.rename(folder / "uploaded.json")
    print(f"s3://{bucket}/{key}: {size} bytes")


def upload(store, bucket, key, stream, size):
    """Uploads in parts of this size. Returns bytes and SHA-256."""
    upload_id = store.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    own = {"Bucket": bucket, "Key": key, "UploadId": upload_id}
    try:
        parts, total, digest = [], 0, hashlib.sha256()
        while part := stream.read(size):
            digest.update(part)
            total += len(part)
            number = len(parts) + 1
            made = store.upload_part(**own, PartNumber=number, Body=part, ContentMD5=md5(part))
            parts.append({"PartNumber": number, "ETag": made["ETag"]})
        require_complete()
        store.complete_multipart_upload(**own, MultipartUpload={"Parts": parts})
        return total, digest.hexdigest()
    except BaseException:
        store.abort_multipart_upload(**own)
        raise


def require_complete():
    """The pipe also ends when pg_dump fails, so its end proves nothing."""
    word = folder / "dumped"
    deadline = time.monotonic() + SECONDS_FOR_WORD
    while not word.exists():
        if time.monotonic() > deadline:
            sys.exit("the dump ended without a word whether it is complete: nothing is uploaded")
        time.sleep(0.1)
    if word.read_text().strip() != "complete":
        sys.exit("the dump failed: nothing is uploaded")


def part_size(database_bytes):
    return max(16 * MIB, -(-database_bytes // MOST_PARTS))


def md5(body):
    """Checksum that every store verifies."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


try:
    main()
except Exception as error:
    (folder / "upload-failed").write_text(str(error))
    raise
except SystemExit as error:
    (folder / "upload-failed").write_text(str(error.code))
    raise
