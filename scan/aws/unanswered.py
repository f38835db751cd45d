"""
Calls that moto does not support, with the reason. Their parameters are still checked against AWS's models. If moto
supports one after an update, a test fails, so that the entry is removed.
"""

MISSING = "moto has no such call"

UNANSWERED = {
    ("backup", "CreateBackupSelection"): MISSING,
    ("backup", "PutBackupVaultAccessPolicy"): MISSING,
    ("eks", "CreatePodIdentityAssociation"): MISSING,
    ("rds", "StartDBInstanceAutomatedBackupsReplication"): MISSING,
    ("s3", "PutBucketLogging"): "moto fails on a target policy whose principal is everybody",
}
