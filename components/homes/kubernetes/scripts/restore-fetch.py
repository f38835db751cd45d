"""Restores the newest base backup into a folder, and fetches the WAL from there to the target of the drill.

It leaves fetched.json, also after a failure: the next container, which has the password of the database, reports it.

DRILL_FOLDER   folder with record.json; gets data, wal and fetched.json
DRILL_ARCHIVE  where backups and WAL are, such as s3://bucket/folder
DRILL_SERVER   the cluster's name there
DRILL_WAIT     seconds within which the WAL of the record has to be in the archive
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import time

import boto3

folder = pathlib.Path(os.environ["DRILL_FOLDER"])
archive = os.environ["DRILL_ARCHIVE"].rstrip("/")
server = os.environ["DRILL_SERVER"]
SEGMENT = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})")
HISTORY = re.compile(r"([0-9A-F]{8})\.history")


class Failure(Exception):
    """A fault of the archive, in words for the report."""


def main():
    began = time.monotonic()
    report = {}
    # The report needs room on a volume that the backup may fill.
    reserve = folder / "reserve"
    reserve.write_bytes(b"-" * 2**16)
    try:
        record = json.loads((folder / "record.json").read_text())
        backup = newest_backup(record)
        report |= {"backup": backup["backup_id"], "backupEnded": backup["end_time_iso"]}
        segments = wait_for_wal(backup, record, report)
        restore(backup)
        fetch(segments)
        report["detail"] = (
            f"base backup {backup['backup_id']} and {len(segments)} files of WAL; "
            f"the newest was archived {report['archivedAfterSeconds']} s after the record"
        )
        report["restoredBytes"] = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
    except Exception as error:
        report["failed"] = str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
        print(report["failed"])
    reserve.unlink()
    report["seconds"] = round(time.monotonic() - began)
    (folder / "fetched.json").write_text(json.dumps(report))


def newest_backup(record):
    """The newest base backup that had ended when the record was made."""
    listed = json.loads(barman("backup-list", "--format=json", archive, server))["backups_list"]
    done = [each for each in listed if each["status"] == "DONE"]
    usable = [each for each in done if lsn(each["end_xlog"]) <= lsn(record["lsn"])]
    if not usable:
        raise Failure(f"{archive}/{server} has no base backup from before the record ({len(listed)} in all)")
    backup = max(usable, key=lambda each: lsn(each["end_xlog"]))
    if backup["systemid"] not in (None, record["systemIdentifier"]):
        raise Failure(f"backup {backup['backup_id']} is of another server: {backup['systemid']}")
    return backup


def wait_for_wal(backup, record, report):
    """Names of the files from the backup's first segment to the record's, once the record's is archived."""
    size = backup["xlog_segment_size"]
    per_log = 2**32 // size
    first = number(SEGMENT.fullmatch(backup["begin_wal"]), per_log)
    last = (lsn(record["until"]) - 1) // size
    began = time.monotonic()
    while True:
        names = archived()
        segments = {name: match for name in names if (match := SEGMENT.fullmatch(name))}
        wanted = {name: number(match, per_log) for name, match in segments.items()}
        wanted = {name: at for name, at in wanted.items() if first <= at <= last}
        if last in wanted.values():
            break
        if time.monotonic() - began > float(os.environ["DRILL_WAIT"]):
            raise Failure(f"WAL from {record['time']} is not in the archive after {os.environ['DRILL_WAIT']} seconds")
        time.sleep(5)
    report["archivedAfterSeconds"] = round(time.monotonic() - began)
    missing = sorted(set(range(first, last + 1)) - set(wanted.values()))
    if missing:
        named = segment_name(backup["timeline"], missing[0], per_log)
        raise Failure(f"the archive lacks {len(missing)} WAL segments from {named} on, which recovery needs")
    report["segments"] = len(wanted)
    return [*wanted, *(name for name in names if HISTORY.fullmatch(name))]


def archived():
    """Names of all archived files, without the endings of compression."""
    bucket, _, prefix = archive.removeprefix("s3://").partition("/")
    prefix = "/".join([*([prefix] if prefix else []), server, "wals", ""])
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [each["Key"] for page in pages for each in page.get("Contents", [])]
    found = [re.match(r"[0-9A-F]{24}(?=\.(gz|bz2|xz|snappy|zst|lz4)$|$)|[0-9A-F]{8}\.history", key.rpartition("/")[2]) for key in keys]
    return sorted({match.group() for match in found if match})


def restore(backup):
    """Restores the base backup, for a server that this user starts."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    barman("restore", archive, server, backup["backup_id"], str(data))
    # Barman ends well even if it could not unpack an archive to its end.
    if not (data / "global" / "pg_control").exists():
        raise Failure(f"base backup {backup['backup_id']} is incomplete: it has no global/pg_control")
    wal = data / "pg_wal"
    # In a cluster it is a link to another volume.
    if wal.is_symlink():
        wal.unlink()
    (wal / "archive_status").mkdir(parents=True, exist_ok=True)


def fetch(names):
    wal = folder / "wal"
    wal.mkdir()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: barman("wal-restore", archive, server, name, str(wal / name)), names))


def barman(command, *args):
    done = subprocess.run([f"barman-cloud-{command}", *args], capture_output=True, text=True)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no message"]
        raise Failure(f"barman-cloud-{command} {' '.join(args[2:3])} ended with {done.returncode}: {said[-1]}")
    return done.stdout


def lsn(text):
    high, low = text.split("/")
    return int(high, 16) * 2**32 + int(low, 16)


def number(match, per_log):
    return int(match[2], 16) * per_log + int(match[3], 16)


def segment_name(timeline, at, per_log):
    return f"{timeline:08X}{at // per_log:08X}{at % per_log:08X}"


main()
